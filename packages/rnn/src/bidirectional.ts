// Two layers over the same sequence, one in each direction.
import { add, concat, divide, multiply, ShapeError, type Tensor } from '@ostinato/tensor'
import type { SequenceResult } from './cell.ts'
import { SequenceLayer, type SequenceOptions } from './sequence-layer.ts'

/** How the outputs of the two directions become one. */
export type Merge = 'concat' | 'sum' | 'mean' | 'product'

/** The states of both directions. */
export type BidirectionalState<S> = { readonly forward: S; readonly backward: S }

/**
 * Runs `forwardLayer` and `backwardLayer` over the same input and merges their outputs at each step
 * (Schuster & Paliwal 1997, "Bidirectional recurrent neural networks"). The second layer reverses by itself:
 * `new Rnn(cell, { reverse: true })`.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { Bidirectional, LstmCell, Rnn } from '@ostinato/rnn'
 * const rng = new Rng(1)
 * const forward = new Rnn(new LstmCell(8, 16, { rng }))
 * const backward = new Rnn(new LstmCell(8, 16, { rng }), { reverse: true })
 * const layer = new Bidirectional(forward, backward)
 * const { output } = layer.forward(zeros([2, 5, 8]))
 * console.assert(output.shape.join() === '2,5,32')
 * ```
 */
export class Bidirectional<S> extends SequenceLayer<BidirectionalState<S>> {
  readonly forwardLayer: SequenceLayer<S>
  readonly backwardLayer: SequenceLayer<S>
  readonly merge: Merge

  constructor(
    forwardLayer: SequenceLayer<S>,
    backwardLayer: SequenceLayer<S>,
    { merge = 'concat' }: { readonly merge?: Merge } = {},
  ) {
    super()
    const faults: string[] = []
    if (forwardLayer === backwardLayer)
      faults.push('expected two layers, got one twice: each direction needs its own parameters')
    if (forwardLayer.inputSize !== backwardLayer.inputSize) {
      faults.push(`expected layers of one input size, got ${forwardLayer.inputSize} and ${backwardLayer.inputSize}`)
    }
    if (merge !== 'concat' && forwardLayer.outputSize !== backwardLayer.outputSize) {
      faults.push(
        `expected layers of one output size to merge by ${merge}, got ${forwardLayer.outputSize} and ${backwardLayer.outputSize}`,
      )
    }
    if (faults.length > 0) throw new ShapeError('Bidirectional', faults)
    this.forwardLayer = forwardLayer
    this.backwardLayer = backwardLayer
    this.merge = merge
  }

  get inputSize(): number {
    return this.forwardLayer.inputSize
  }

  get outputSize(): number {
    const size = this.forwardLayer.outputSize
    return this.merge === 'concat' ? size + this.backwardLayer.outputSize : size
  }

  initialState(batch: number): BidirectionalState<S> {
    return { forward: this.forwardLayer.initialState(batch), backward: this.backwardLayer.initialState(batch) }
  }

  forward(
    x: Tensor,
    { initialState, lengths }: SequenceOptions<BidirectionalState<S>> = {},
  ): SequenceResult<BidirectionalState<S>> {
    const given = lengths === undefined ? {} : { lengths }
    const forward = this.forwardLayer.forward(x, {
      ...given,
      ...(initialState && { initialState: initialState.forward }),
    })
    const backward = this.backwardLayer.forward(x, {
      ...given,
      ...(initialState && { initialState: initialState.backward }),
    })
    return {
      output: mergers[this.merge](forward.output, backward.output),
      state: { forward: forward.state, backward: backward.state },
    }
  }
}

const mergers: Readonly<Record<Merge, (a: Tensor, b: Tensor) => Tensor>> = {
  concat: (a, b) => concat([a, b], { axis: 2 }),
  sum: (a, b) => add(a, b),
  mean: (a, b) => divide(add(a, b), 2),
  product: (a, b) => multiply(a, b),
}
