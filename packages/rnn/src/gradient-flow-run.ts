// How a recurrent layer tells an observer what gradient came to its states: one run of one layer, and the slot in which
// the observer stands while it observes. Without one, nothing is kept. What is made of it is in `gradient-flow.ts`.
import { currentRecorder, watchGradient } from '@ostinato/tensor'
import type { State } from './cell.ts'

/** The batch that a layer runs over. */
export interface FlowLayout {
  readonly batch: number
  readonly time: number
  readonly reverse: boolean
  readonly lengths: Int32Array | undefined
  readonly initialState: State
}

/** Whoever observes is asked at the beginning of each run of a layer. */
export interface FlowObserver {
  begin(layer: object, layout: FlowLayout): FlowRun
}

let current: FlowObserver | null = null

/** Runs `run` with `observer` in the slot and puts the previous one back, whatever happens. */
export function withFlowObserver<T>(observer: FlowObserver, run: () => T): T {
  const previous = current
  current = observer
  try {
    return run()
  } finally {
    current = previous
  }
}

/** A run of `layer` that is to be told about; undefined where nobody observes or no gradients are recorded. */
export function beginFlowRun(layer: object, layout: FlowLayout): FlowRun | undefined {
  return current === null || currentRecorder() === null ? undefined : current.begin(layer, layout)
}

/** One run of one layer: for each state the norm of its total gradient, by row and step. */
export class FlowRun {
  readonly #layout: FlowLayout
  /** The steps of other runs that went before. */
  readonly #first: number
  readonly #norms = new Map<string, Float64Array>()
  #left: State | undefined

  constructor(layout: FlowLayout, first: number) {
    this.#layout = layout
    this.#first = first
  }

  /** The names of the states; none while no gradient has come to any. */
  get names(): string[] {
    return [...this.#norms.keys()]
  }

  /** The steps that at least one row has, those that went before included. */
  get steps(): number {
    const { batch, time, lengths } = this.#layout
    if (batch === 0) return 0
    return this.#first + (lengths === undefined ? time : lengths.reduce((a, b) => Math.max(a, b), 0))
  }

  /** Where a run begins that goes on behind this one. */
  get next(): number {
    return this.#first + this.#layout.time
  }

  /** Remembers the state after the last step. */
  end(state: State): void {
    this.#left = state
  }

  /** Whether this run left `state`: the very tensors. */
  left(state: State): boolean {
    const left = Object.values(this.#left ?? {})
    return left.length > 0 && Object.values(state).every((value, i) => value === left[i])
  }

  /** The norms at step `t` of the rows that have it. */
  at(name: string, t: number): number[] {
    const { batch, time, lengths } = this.#layout
    const norms = this.#norms.get(name)
    const step = t - this.#first
    if (norms === undefined || step < 0) return []
    const rows = Array.from({ length: batch }, (_, row) => row)
    return rows.filter((row) => step < (lengths?.[row] ?? time)).map((row) => norms[row * time + step])
  }

  /** Takes the norms of a state, `[batch, time]`. */
  readonly tell = (name: string, norms: Float64Array): void => {
    this.#norms.set(name, norms)
  }

  /** Watches the state that step `step` of a stepped run leaves; steps are counted as the layer reads. */
  watch(step: number, state: State): void {
    const { batch, time, reverse, lengths } = this.#layout
    const names = Object.keys(state)
    for (const name of names) {
      watchGradient(state[name], ({ data, size }) => {
        for (const each of names) if (!this.#norms.has(each)) this.tell(each, new Float64Array(batch * time))
        const norms = this.#norms.get(name) ?? []
        const features = size / batch
        for (let row = 0; row < batch; row++) {
          const length = lengths?.[row] ?? time
          if (step >= length) continue
          const at = row * time + (reverse ? length - 1 - step : step)
          norms[at] = euclideanNorm(data.subarray(row * features, (row + 1) * features))
        }
      })
    }
  }
}

/** The Euclidean norm, scaled by the largest element so that no square under- or overflows. */
export function euclideanNorm(values: ArrayLike<number>): number {
  let largest = 0
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]))
  // Zero, infinite or NaN: nothing to scale.
  if (!(largest > 0 && largest < Infinity)) return largest
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i] / largest) ** 2
  return largest * Math.sqrt(sum)
}
