// From vectors to the state that a recurrent layer starts from.
import { Linear, Module } from '@ostinato/nn'
import {
  formatShape,
  isFloat,
  slice,
  tanh,
  type AnyTensor,
  type FloatDType,
  type Rng,
  type Tensor,
} from '@ostinato/tensor'
import { throwFaults } from '../checks.ts'
import { mapState, type StateTree } from '../decoding/state-tree.ts'
import type { SequenceLayer } from '../sequence-layer.ts'

/** How a bridge is built. */
export interface StateBridgeOptions {
  readonly rng: Rng
  readonly dtype?: FloatDType
}

/**
 * A learnt initial state: every tensor `[batch, size]` of a layer's state is `tanh(W x + b)` with rows of `W` of its
 * own (as Bahdanau et al. 2015, A.2.2, start their decoder).
 *
 * @throws ShapeError when the layer's state holds anything but `[batch, size]` of floating-point type
 */
export class StateBridge<S extends StateTree> extends Module {
  readonly linear: Linear

  constructor(inputSize: number, layer: SequenceLayer<S>, { rng, dtype = 'float32' }: StateBridgeOptions) {
    super()
    const sizes = leavesOf(layer.initialState(1)).map(({ shape }) => shape[1])
    const faults = leavesOf(layer.initialState(1)).flatMap((leaf) =>
      leaf.rank === 2 && isFloat(leaf.dtype)
        ? []
        : [
            `expected a state of [batch, size] of floating-point type, got ${leaf.dtype}${formatShape(leaf.shape)} for 1 row`,
          ],
    )
    throwFaults('StateBridge', faults)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    this.linear = new Linear(inputSize, total, { rng, dtype })
  }

  /**
   * @param x `[batch, inputSize]`
   * @param initial the layer's own initial state for the batch: its form is that of the result
   */
  forward(x: Tensor, initial: S): S {
    const values = tanh(this.linear.forward(x))
    let at = 0
    return mapState(initial, ({ shape }) => slice(values, [undefined, [at, (at += shape[1])]]))
  }
}

/** The tensors of a state, in order. */
export function leavesOf(state: StateTree): AnyTensor[] {
  const leaves: AnyTensor[] = []
  mapState(state, (leaf) => {
    leaves.push(leaf)
    return leaf
  })
  return leaves
}
