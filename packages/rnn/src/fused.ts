// The bridge from a cell to the whole-sequence kernels: one recorded operation a layer, with its own derivative. Knows
// no gate.
import type {
  BackwardOptions,
  FloatArray,
  LstmOutputGradients,
  PartialInput,
  SequenceGradients,
  SequenceProblem,
} from '@ostinato/kernels'
import {
  currentRecorder, isTracked, recordCustom, reshape, ShapeError, Tensor, type FloatDType, type Parameter,
} from '@ostinato/tensor'
import type { FusedOptions, SequenceResult, StepResult } from './cell.ts'

/** The parameters of a cell with gates, named and laid out as in PyTorch. */
export interface GateParameters {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly weightIh: Parameter
  readonly weightHh: Parameter
  readonly biasIh: Parameter | null
  readonly biasHh: Parameter | null
}

type HiddenState = { readonly hidden: Tensor; readonly cell?: Tensor }

/** What a forward pass over arrays is given. */
export type FusedProblem = SequenceProblem<FloatArray> & { readonly initialCell?: FloatArray | undefined }

/** The two passes of one kind of kernel, over arrays. */
export interface SequenceKernel<Saved> {
  readonly name: string
  forward(problem: FusedProblem): {
    readonly output: FloatArray
    readonly hidden: FloatArray
    readonly cell?: FloatArray
    readonly saved?: Saved
  }
  backward(
    saved: Saved,
    gradients: LstmOutputGradients<FloatArray>,
    options: BackwardOptions,
  ): PartialInput<SequenceGradients<FloatArray>> & { readonly initialCell?: FloatArray }
}

/** Runs a kernel over `x` `[batch, time, inputSize]` and records it. */
export function fusedSequence<S extends HiddenState, Saved>(
  kernel: SequenceKernel<Saved>,
  parameters: GateParameters,
  { x, state, lengths, reverse, tellStateNorms }: { readonly x: Tensor } & FusedOptions<S>,
): SequenceResult<S> {
  const { inputSize, hiddenSize, weightIh, weightHh, biasIh, biasHh } = parameters
  const [batch, time] = x.shape
  const { dtype } = x
  const inputs = [x, state.hidden, weightIh, weightHh]
  for (const optional of [biasIh, biasHh, state.cell]) if (optional) inputs.push(optional)
  checkTypes(kernel.name, inputs, dtype)
  const keep = isTracked(inputs)
  const result = kernel.forward({
    layout: { batch, time, reverse, lengths },
    inputSize,
    hiddenSize,
    input: x.data,
    initialHidden: state.hidden.data,
    weightIh: weightIh.data,
    weightHh: weightHh.data,
    biasIh: biasIh?.data,
    biasHh: biasHh?.data,
    initialCell: state.cell?.data,
    keep,
    weightsVersion: versionOf(parameters),
  })
  const output = wrap(result.output, [batch, time, hiddenSize], dtype)
  const hidden = wrap(result.hidden, [batch, hiddenSize], dtype)
  const cell = result.cell && wrap(result.cell, [batch, hiddenSize], dtype)
  const { saved } = result
  if (keep && saved !== undefined) {
    const outputs = cell === undefined ? [output, hidden] : [output, hidden, cell]
    const inputGradient = isTracked([x])
    const derivative = (gradients: readonly (Tensor | undefined)[]) => {
      refuseSecondDerivative(kernel.name, [...inputs, ...gradients])
      const [ofOutput, ofHidden, ofCell] = gradients.map((gradient) => gradient?.data)
      const found = kernel.backward(
        saved,
        {
          ...(ofOutput && { output: ofOutput }),
          ...(ofHidden && { hidden: ofHidden }),
          ...(ofCell && { cell: ofCell }),
        },
        { inputGradient, stateNorms: tellStateNorms !== undefined },
      )
      const { hidden: ofHiddens, cell: ofCells } = found.stateNorms ?? {}
      if (ofHiddens !== undefined) tellStateNorms?.('hidden', ofHiddens)
      if (ofCells !== undefined) tellStateNorms?.('cell', ofCells)
      const arrays = [
        found.input,
        found.initialHidden,
        found.weightIh,
        found.weightHh,
        ...(biasIh ? [found.biasIh] : []),
        ...(biasHh ? [found.biasHh] : []),
        found.initialCell,
      ]
      return inputs.map(({ shape }, i) => {
        const array = arrays[i]
        return array && wrap(array, shape, dtype)
      })
    }
    recordCustom({ name: kernel.name, inputs, outputs, derivative })
  }
  // The kernel returns a cell state exactly where the state given has one.
  return { output, state: (cell === undefined ? { hidden } : { hidden, cell }) as HiddenState as S }
}

/**
 * One step as a sequence of one step, whose weights stay packed from call to call: for inference.
 * @returns undefined where somebody records, whom single operations serve, or where shapes or types do not fit, of
 * which single operations complain
 */
export function fusedStep<S extends HiddenState>(
  cell: GateParameters & { sequence(x: Tensor, options: FusedOptions<S>): SequenceResult<S> | undefined },
  x: Tensor,
  state: S,
): StepResult<S> | undefined {
  if (currentRecorder() !== null || x.rank !== 2 || x.shape[1] !== cell.inputSize) return undefined
  const [batch, features] = x.shape
  const { hidden, cell: memory = hidden } = state
  for (const { shape, dtype } of [hidden, memory]) {
    if (shape.length !== 2 || shape[0] !== batch || shape[1] !== cell.hiddenSize || dtype !== x.dtype) return undefined
  }
  if (cell.weightIh.dtype !== x.dtype) return undefined
  const result = cell.sequence(reshape(x, [batch, 1, features]), { state, reverse: false })
  return result && { output: result.state.hidden, state: result.state }
}

/** Grows with every change of a parameter. */
const versionOf = ({ weightIh, weightHh, biasIh, biasHh }: GateParameters): number =>
  weightIh.version + weightHh.version + (biasIh?.version ?? 0) + (biasHh?.version ?? 0)

const wrap = (data: FloatArray, shape: readonly number[], dtype: FloatDType): Tensor => new Tensor(data, shape, dtype)

function checkTypes(name: string, inputs: readonly Tensor[], dtype: FloatDType): void {
  for (const other of inputs) {
    if (other.dtype === dtype) continue
    throw new ShapeError(name, [
      `expected input, state and parameters of one type, got ${dtype} and ${other.dtype}: build the layer with { dtype } or cast the input`,
    ])
  }
}

function refuseSecondDerivative(name: string, tensors: readonly (Tensor | undefined)[]): void {
  if (isTracked(tensors.filter((tensor) => tensor !== undefined))) {
    throw new Error(
      `${name}: a fused sequence has no gradient of its gradient: step instead, with new Rnn(cell, { fused: false })`,
    )
  }
}
