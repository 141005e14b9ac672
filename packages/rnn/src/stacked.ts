// Layers on top of each other: the output of one is the input of the next.
import { Dropout } from '@ostinato/nn'
import { add, ShapeError, type Rng, type Tensor } from '@ostinato/tensor'
import type { SequenceResult } from './cell.ts'
import { SequenceLayer, type SequenceOptions } from './sequence-layer.ts'

/** How a stack is built. */
export interface StackedOptions {
  /** The probability of dropping an output between two layers while training; not after the last. Default 0. */
  readonly dropout?: number
  /**
   * Adds the input of each layer above the first to its output (Wu et al. 2016, "Google's neural machine translation
   * system", §3.1), which these layers must keep the size of: `y_i = layer_i(y_{i-1}) + y_{i-1}`. What dropout takes
   * from the layer is added all the same. Default false.
   */
  readonly residual?: boolean
  /** Needed when there is dropout. */
  readonly rng?: Rng
}

/**
 * A deep recurrent network (Graves et al. 2013, "Speech recognition with deep recurrent neural networks", §2).
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { GruCell, Rnn, Stacked } from '@ostinato/rnn'
 * const rng = new Rng(1)
 * const layers = new Stacked([new Rnn(new GruCell(8, 16, { rng })), new Rnn(new GruCell(16, 4, { rng }))])
 * const { output, state } = layers.forward(zeros([2, 5, 8]))
 * console.assert(output.shape.join() === '2,5,4' && state.length === 2)
 * ```
 */
export class Stacked<S> extends SequenceLayer<readonly S[]> {
  readonly layers: readonly SequenceLayer<S>[]
  readonly dropout: Dropout | null
  readonly residual: boolean

  constructor(layers: readonly SequenceLayer<S>[], { dropout = 0, residual = false, rng }: StackedOptions = {}) {
    super()
    const faults: string[] = []
    if (layers.length === 0) faults.push('expected at least one layer, got none')
    for (let i = 1; i < layers.length; i++) {
      const [below, above] = [layers[i - 1].outputSize, layers[i].inputSize]
      if (below !== above)
        faults.push(`expected layer ${i} to take the ${below} features of layer ${i - 1}, got inputSize ${above}`)
    }
    layers.slice(1).forEach(({ inputSize, outputSize }, i) => {
      if (residual && inputSize !== outputSize)
        faults.push(
          `expected layer ${i + 1} to put out the ${inputSize} features that it takes, which residual adds, got ${outputSize}`,
        )
    })
    if (dropout > 0 && rng === undefined)
      faults.push('expected an rng for dropout, got none: pass { dropout, rng: new Rng(seed) }')
    if (faults.length > 0) throw new ShapeError('Stacked', faults)
    this.layers = layers
    this.dropout = rng !== undefined && dropout !== 0 ? new Dropout(dropout, { rng }) : null
    this.residual = residual
  }

  get inputSize(): number {
    return this.layers[0].inputSize
  }

  get outputSize(): number {
    return this.layers[this.layers.length - 1].outputSize
  }

  initialState(batch: number): readonly S[] {
    return this.layers.map((layer) => layer.initialState(batch))
  }

  forward(x: Tensor, { initialState, lengths }: SequenceOptions<readonly S[]> = {}): SequenceResult<readonly S[]> {
    if (initialState !== undefined && initialState.length !== this.layers.length) {
      throw new ShapeError('Stacked.forward', [
        `expected a state for each of ${this.layers.length} layers, got ${initialState.length}`,
      ])
    }
    const state: S[] = []
    let output = x
    this.layers.forEach((layer, i) => {
      const below = output
      const input = i > 0 && this.dropout !== null ? this.dropout.forward(below) : below
      const result = layer.forward(input, {
        ...(lengths !== undefined && { lengths }),
        ...(initialState && { initialState: initialState[i] }),
      })
      output = i > 0 && this.residual ? add(result.output, below) : result.output
      state.push(result.state)
    })
    return { output, state }
  }
}
