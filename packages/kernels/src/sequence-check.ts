// Checks of the arguments of the recurrent sequences: a quick look first, words only where it finds something, for a
// sequence may be one step of one row. Not here: what the kernels compute.
import { Faults, isFloatArray, isSize, sameDtype } from './faults.ts'
import type { FloatArray, LstmOutputGradients, SequenceProblem } from './types.ts'

/** Checks a forward pass; `gates` is how many blocks of `hidden` rows the weights have. */
export function checkProblem<A extends FloatArray>(
  where: string, gates: number, problem: SequenceProblem<A>, initialCell?: { readonly cell: A },
): void {
  if (fits(gates, problem) && (initialCell === undefined || isState(initialCell.cell, problem))) return
  const faults = new Faults(where)
  const { layout, inputSize, hiddenSize, input } = problem
  const { batch, time, lengths } = layout
  const sizes = [
    faults.size('layout.batch', batch),
    faults.size('layout.time', time),
    faults.size('inputSize', inputSize, 1),
    faults.size('hiddenSize', hiddenSize, 1),
  ]
  if (!isFloatArray(input)) faults.array('input', input, input, 0, '')
  else if (!sizes.includes(false)) {
    const width = gates * hiddenSize
    const rows = gates === 1 ? `hidden=${hiddenSize}` : `${gates}*hidden=${width}`
    const state = `batch=${batch}, hidden=${hiddenSize}`
    faults.array('input', input, input, batch * time * inputSize, `batch=${batch}, time=${time}, input=${inputSize}`)
    faults.array('initialHidden', problem.initialHidden, input, batch * hiddenSize, state)
    if (initialCell !== undefined) faults.array('initialCell', initialCell.cell, input, batch * hiddenSize, state)
    faults.array('weightIh', problem.weightIh, input, width * inputSize, `${rows}, input=${inputSize}`)
    faults.array('weightHh', problem.weightHh, input, width * hiddenSize, `${rows}, hidden=${hiddenSize}`)
    if (problem.biasIh !== undefined) faults.array('biasIh', problem.biasIh, input, width, rows)
    if (problem.biasHh !== undefined) faults.array('biasHh', problem.biasHh, input, width, rows)
    if (lengths !== undefined) checkLengths(faults, lengths, batch, time)
  }
  faults.throwIfAny()
}

/** Whether a problem without lengths, but for an initial cell, is in order. */
function fits<A extends FloatArray>(gates: number, problem: SequenceProblem<A>): boolean {
  const { layout: { batch, time, lengths }, inputSize, hiddenSize, input, biasIh, biasHh } = problem
  const width = gates * hiddenSize
  return (
    lengths === undefined &&
    isSize(batch) && isSize(time) && isSize(inputSize, 1) && isSize(hiddenSize, 1) &&
    isFloatArray(input) && input.length === batch * time * inputSize &&
    isState(problem.initialHidden, problem) &&
    isLike(problem.weightIh, input, width * inputSize) && isLike(problem.weightHh, input, width * hiddenSize) &&
    (biasIh === undefined || isLike(biasIh, input, width)) && (biasHh === undefined || isLike(biasHh, input, width))
  )
}

function isState<A extends FloatArray>(value: A, { layout, hiddenSize, input }: SequenceProblem<A>): boolean {
  return isLike(value, input, layout.batch * hiddenSize)
}

function isLike(value: FloatArray, like: FloatArray, length: number): boolean {
  return sameDtype(value, like) && value.length === length
}

/** Checks the gradients that a backward pass is given. */
export function checkGradients<A extends FloatArray>(
  where: string, problem: SequenceProblem<A>, gradients: LstmOutputGradients<A>,
): void {
  const faults = new Faults(where)
  const { input, hiddenSize: hidden, layout: { batch, time } } = problem
  const { output, hidden: last, cell } = gradients
  if (output !== undefined) {
    faults.array('output', output, input, batch * time * hidden, `batch=${batch}, time=${time}, hidden=${hidden}`)
  }
  if (last !== undefined) faults.array('hidden', last, input, batch * hidden, `batch=${batch}, hidden=${hidden}`)
  if (cell !== undefined) faults.array('cell', cell, input, batch * hidden, `batch=${batch}, hidden=${hidden}`)
  faults.throwIfAny()
}

function checkLengths(faults: Faults, lengths: Int32Array, batch: number, time: number): void {
  if (!(lengths instanceof Int32Array)) {
    faults.add('expected layout.lengths to be an Int32Array; make one with Int32Array.from')
  } else if (lengths.length !== batch) {
    faults.add(`expected layout.lengths [batch=${batch}] of ${batch} elements, got ${lengths.length}`)
  } else {
    const row = lengths.findIndex((length) => length < 0 || length > time)
    if (row >= 0) faults.add(`expected layout.lengths to lie in 0..time=${time}, got ${lengths[row]} in row ${row}`)
  }
}
