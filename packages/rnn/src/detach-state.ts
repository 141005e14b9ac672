// State carried from chunk to chunk of a long stream, without the gradients of the chunks before.
import { isFloat, stopGradient, type Tensor } from '@ostinato/tensor'
import { mapState, type StateTree } from './decoding/state-tree.ts'

/**
 * The same state, through which no gradient flows back: what truncated backpropagation through time carries from one
 * chunk of a stream to the next (Williams & Peng 1990, "An efficient gradient-based algorithm for on-line training of
 * recurrent network trajectories"). Needed where several chunks lie within one `valueAndGrad`; a state that comes out
 * of one call of it is a constant in the next as it is.
 *
 * @example
 * ```ts
 * import { grad } from '@ostinato/autograd'
 * import { detachState, gru } from '@ostinato/rnn'
 * import { Rng, slice, sum } from '@ostinato/tensor'
 * const rng = new Rng(1)
 * const layer = gru(2, 4, { rng })
 * const stream = rng.normal([3, 20, 2])
 * const slope = grad((x) => {
 *   const first = layer.forward(slice(x, [undefined, [0, 10]]))
 *   const second = layer.forward(slice(x, [undefined, [10]]), { initialState: detachState(first.state) })
 *   return sum(second.output)
 * })(stream)
 * console.assert(slice(slope, [undefined, [0, 10]]).data.every((value) => value === 0))
 * ```
 */
export function detachState<S extends StateTree>(state: S): S {
  return mapState(state, (leaf) => (isFloat(leaf.dtype) ? stopGradient(leaf as Tensor) : leaf))
}
