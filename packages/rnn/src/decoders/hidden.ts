// What a recurrent layer's state says of the sequence: the tensor `hidden` of its last layer.
import { concat, isTensor, type Tensor } from '@ostinato/tensor'

/**
 * The tensor `hidden` of a state, of its last layer where there are several, and of both directions side by side where
 * there are two; undefined where there is none.
 */
export function lastHidden(state: unknown): Tensor | undefined {
  if (typeof state !== 'object' || state === null || isTensor(state)) return undefined
  if (Array.isArray(state)) return lastHidden(state.at(-1))
  const { hidden, forward, backward } = state as Readonly<Record<string, unknown>>
  if (isTensor(hidden)) return hidden as Tensor
  const directions = [lastHidden(forward), lastHidden(backward)].filter((found) => found !== undefined)
  return directions.length === 2 ? concat(directions, { axis: 1 }) : undefined
}
