// The long short-term memory's cell, with its common options. The one with layer norms is another cell.
import { lstmBackward, lstmForward, type FloatArray, type LstmProblem, type LstmSaved } from '@ostinato/kernels'
import { glorotUniform } from '@ostinato/nn'
import {
  add,
  clip,
  linear,
  multiply,
  Parameter,
  sigmoid,
  split,
  subtract,
  tanh,
  zeros,
  type FloatDType,
  type Tensor,
} from '@ostinato/tensor'
import type { FusedOptions, SequenceResult, StepResult } from './cell.ts'
import { fusedSequence, fusedStep, type FusedProblem, type SequenceKernel } from './fused.ts'
import { GatedCell, type CellOptions } from './gates.ts'

/** What an LSTM carries: `hidden` `[batch, output]` and `cell` `[batch, hidden]`. */
export type LstmState = { readonly hidden: Tensor; readonly cell: Tensor }

/** How an LSTM cell is built. */
export interface LstmOptions extends CellOptions {
  /**
   * The initial value of the forget gate's bias, which keeps the memory open at first (Gers et al. 2000; Jozefowicz et
   * al. 2015). Default 1.
   */
  readonly forgetBias?: number
  /**
   * Projects the hidden state to this size before it is passed on (Sak et al. 2014). Absent: no projection. Has no
   * fused form, as the options below.
   */
  readonly projectionSize?: number
  /**
   * Lets the gates see the memory: i and f the one before the step, o the one after it (Gers & Schmidhuber 2000,
   * "Recurrent nets that time and count"). Default false.
   */
  readonly peepholes?: boolean
  /**
   * Lets in as much as is forgotten: `f = 1 - i` (Greff et al. 2017, "LSTM: a search space odyssey", CIFG). There are
   * three gates then, i, g, o, and `forgetBias` is that of f. Default false.
   */
  readonly coupled?: boolean
  /**
   * Keeps the memory within `-cellClip … cellClip` (Sak et al. 2014, "Long short-term memory recurrent neural network
   * architectures for large scale acoustic modeling"). Absent: unbounded. ONNX's `clip` is something else: it bounds
   * the sums before the gates.
   */
  readonly cellClip?: number
}

const hasCell = (problem: FusedProblem): problem is LstmProblem<FloatArray> => problem.initialCell !== undefined

const kernel: SequenceKernel<LstmSaved<FloatArray>> = {
  name: 'LstmCell.sequence',
  forward: (problem) => {
    if (!hasCell(problem)) throw new Error('LstmCell.sequence: expected a state with a cell')
    return lstmForward(problem)
  },
  backward: lstmBackward,
}

/** `sigmoid(sum)`, where there is a peephole with a view of the memory. */
const gate = (sum: Tensor, peephole: Tensor | undefined, cell: Tensor): Tensor =>
  sigmoid(peephole === undefined ? sum : add(sum, multiply(peephole, cell)))

/**
 * The long short-term memory with gates in the order i, f, g, o in the rows of the weights:
 *
 *     i, f, o = sigmoid(W_i. x + b_i. + W_h. h + b_h.)
 *     g  = tanh(W_ig x + b_ig + W_hg h + b_hg)
 *     c' = f * c + i * g
 *     h' = o * tanh(c')        with a projection: W_hr (o * tanh(c'))
 *
 * With peepholes, `p_i * c`, `p_f * c` and `p_o * c'` are added to the sums of i, f and o.
 *
 * (Hochreiter & Schmidhuber 1997, "Long short-term memory"; the forget gate is from Gers et al. 2000, "Learning to
 * forget".)
 *
 * @throws ShapeError when a size is not a positive integer
 * @throws RangeError when `cellClip` is not above 0
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { LstmCell } from '@ostinato/rnn'
 * const cell = new LstmCell(3, 5, { rng: new Rng(1) })
 * const { state } = cell.step(zeros([2, 3]), cell.initialState(2))
 * console.assert(state.cell.shape.join() === '2,5')
 * ```
 */
export class LstmCell extends GatedCell<LstmState> {
  /** `[output, hidden]`, the projection. */
  readonly weightHr: Parameter | null
  /** `[3 * hidden]` in the order i, f, o, or `[2 * hidden]`, i, o, where i and f are coupled; zeros at first. */
  readonly peepholes: Parameter | null
  readonly coupled: boolean
  readonly cellClip: number | undefined

  constructor(inputSize: number, hiddenSize: number, options: LstmOptions) {
    const { projectionSize, forgetBias = 1, peepholes = false, coupled = false, cellClip } = options
    const { rng, dtype = 'float32' } = options
    super({ name: 'LstmCell', gates: coupled ? 3 : 4, inputSize, hiddenSize, projectionSize }, options)
    if (cellClip !== undefined && !(cellClip > 0)) {
      throw new RangeError(`LstmCell: expected cellClip above 0, got ${cellClip}`)
    }
    this.biasIh?.update((bias) =>
      coupled ? bias.fill(-forgetBias, 0, hiddenSize) : bias.fill(forgetBias, hiddenSize, 2 * hiddenSize),
    )
    this.weightHr =
      projectionSize === undefined ? null : new Parameter(glorotUniform([projectionSize, hiddenSize], { rng, dtype }))
    this.peepholes = peepholes ? new Parameter<FloatDType>(zeros([(coupled ? 2 : 3) * hiddenSize], { dtype })) : null
    this.coupled = coupled
    this.cellClip = cellClip
  }

  initialState(batch: number): LstmState {
    const { dtype } = this.weightIh
    return { hidden: zeros([batch, this.outputSize], { dtype }), cell: zeros([batch, this.hiddenSize], { dtype }) }
  }

  step(x: Tensor, state: LstmState): StepResult<LstmState> {
    const fused = fusedStep(this, x, state)
    if (fused !== undefined) return fused
    const { coupled, cellClip } = this
    const sum = add(linear(x, this.weightIh, this.biasIh), linear(state.hidden, this.weightHh, this.biasHh))
    const sums = split(sum, coupled ? 3 : 4, { axis: 1 })
    const peepholes = this.peepholes === null ? [] : split(this.peepholes, coupled ? 2 : 3)
    const input = gate(sums[0], peepholes.at(0), state.cell)
    const forget = coupled ? subtract(1, input) : gate(sums[1], peepholes.at(1), state.cell)
    const candidate = tanh(sums[sums.length - 2])
    const memory = add(multiply(forget, state.cell), multiply(input, candidate))
    const cell = cellClip === undefined ? memory : clip(memory, { minimum: -cellClip, maximum: cellClip })
    const outputGate = gate(sums[sums.length - 1], peepholes.at(-1), cell)
    const exposed = multiply(outputGate, tanh(cell))
    const hidden = this.weightHr === null ? exposed : linear(exposed, this.weightHr, null)
    return { output: hidden, state: { hidden, cell } }
  }

  override sequence(x: Tensor, options: FusedOptions<LstmState>): SequenceResult<LstmState> | undefined {
    const plain = this.weightHr === null && this.peepholes === null && !this.coupled && this.cellClip === undefined
    return plain ? fusedSequence(kernel, this, { x, ...options }) : undefined
  }
}
