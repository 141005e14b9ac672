// The kernels that are registered: they make the arrays of a result and hand all to the addon, which reads and writes
// them where they lie.
import type { NativeKernels, NativeProblem, Plan } from '@ostinato/kernels'
import type { Addon, SequenceArguments } from './addon.ts'
import { ResidentWeights } from './resident.ts'
import { Rooms } from './rooms.ts'

const kinds = { elman: 0, gru: 1, lstm: 2 }
const gates = { elman: 0, gru: 3, lstm: 4 }
const functions = { exp: 0, tanh: 1, sigmoid: 2 }

/** @param instructionSet says which one is in use */
export function nativeKernels(addon: Addon, instructionSet: () => string): NativeKernels {
  const rooms = new Rooms()
  const resident = new ResidentWeights(addon)

  /** Both weights packed, where they may stay. */
  function packedWeights({ kind, keep, weightsVersion, weightIh, weightHh, inputSize, hiddenSize }: NativeProblem) {
    if (keep === true || weightsVersion === undefined) return {}
    const form = { n: Math.max(1, gates[kind]) * hiddenSize, version: weightsVersion, instructionSet: instructionSet() }
    return {
      ih: resident.packed(weightIh, { ...form, k: inputSize }),
      hh: resident.packed(weightHh, { ...form, k: hiddenSize }),
    }
  }

  /** Runs the forward pass; the room with what it kept is the caller's. */
  function forward(problem: NativeProblem, plan: Plan) {
    const { hiddenSize, input, weightIh, weightHh, initialHidden, biasIh, biasHh } = problem
    const { batch, time } = plan
    const room = rooms.take(keptLength(problem, plan))
    const output = new Float32Array(batch * time * hiddenSize)
    const hidden = new Float32Array(batch * hiddenSize)
    const cell = problem.kind === 'lstm' ? new Float32Array(batch * hiddenSize) : undefined
    const initialCell = problem.kind === 'lstm' ? problem.initialCell : undefined
    const packed = packedWeights(problem)
    addon.forward(
      sizesOf(problem, plan), plan.indices, room, input, weightIh, weightHh, initialHidden, initialCell, biasIh, biasHh,
      output, hidden, cell, packed.ih, packed.hh,
    )
    return { room, result: { output, hidden, ...(cell && { cell }) } }
  }

  return {
    version: 2,
    multiply({ out, a, b, bias }, { m, n, k, transposeA, transposeB, accumulate }) {
      addon.multiply(out, a, b, bias, m, n, k, transposeA === true, transposeB === true, accumulate === true)
    },
    elementwise(name, out, x) {
      addon.apply(functions[name], out, x, x.length)
    },
    softmax(out, x, { columns, logarithm }) {
      if (x.length > 0) addon.softmax(out, x, x.length / columns, columns, logarithm)
    },
    scaledSoftmax({ out, tops, logSums, x, factors }) {
      addon.scaledSoftmax(out, tops, logSums, x, factors, factors.length, x.length / factors.length)
    },
    sgd({ values, gradient, velocity }, { penalty, kept, entering, ofGradient, ofVelocity }) {
      const constants = Float32Array.of(penalty, kept, entering, ofGradient, ofVelocity)
      addon.sgd(values, gradient, velocity, values.length, constants)
    },
    adam({ values, gradient, firstMoment, secondMoment, largestSecondMoment }, constants) {
      const { penalty, kept, entering1, kept2, entering2, size, scale, epsilon } = constants
      addon.adam(
        values, gradient, firstMoment, secondMoment, largestSecondMoment, values.length,
        Float32Array.of(penalty, kept, entering1, kept2, entering2, size, scale, epsilon),
      )
    },
    forward(problem, plan) {
      const { room, result } = forward(problem, plan)
      if (problem.keep === true) return { ...result, kept: { values: room } }
      rooms.give(room)
      return { ...result, kept: undefined }
    },
    backward(problem, plan, { kept, gradients, options }) {
      const { kind, inputSize, hiddenSize, input, weightIh, weightHh } = problem
      const { batch, time } = plan
      const room = kept?.values ?? forward(problem, plan).room
      const all: SequenceArguments = [sizesOf(problem, plan), plan.indices, room, input, weightIh, weightHh]
      const lstm = kind === 'lstm'
      const norms = options.stateNorms === true
      const result = {
        ...(options.inputGradient !== false && { input: new Float32Array(batch * time * inputSize) }),
        initialHidden: new Float32Array(batch * hiddenSize),
        ...(lstm && { initialCell: new Float32Array(batch * hiddenSize) }),
        weightIh: new Float32Array(weightIh.length),
        weightHh: new Float32Array(weightHh.length),
        ...(problem.biasIh && { biasIh: new Float32Array(problem.biasIh.length) }),
        ...(problem.biasHh && { biasHh: new Float32Array(problem.biasHh.length) }),
        ...(norms && {
          stateNorms: {
            hidden: new Float64Array(batch * time),
            ...(lstm && { cell: new Float64Array(batch * time) }),
          },
        }),
      }
      addon.backward(
        ...all, gradients.output, gradients.hidden, gradients.cell, result.input, result.initialHidden,
        result.initialCell, result.weightIh, result.weightHh, result.biasIh, result.biasHh,
        result.stateNorms?.hidden, result.stateNorms?.cell,
      )
      if (kept !== undefined) kept.values = undefined
      rooms.give(room)
      return result
    },
  }
}

function sizesOf(problem: NativeProblem, { batch, time, steps, rows }: Plan): Int32Array {
  const rectified = problem.kind === 'elman' && problem.nonlinearity === 'relu' ? 1 : 0
  return Int32Array.of(kinds[problem.kind], rectified, batch, time, steps, rows, problem.inputSize, problem.hiddenSize)
}

/** Elements that a forward pass keeps: states, gates, and cells or products, each in whole groups of sixteen. */
function keptLength({ kind, hiddenSize }: NativeProblem, { batch, rows }: Plan): number {
  const group = (length: number): number => Math.ceil(length / 16) * 16
  const states = group((batch + rows) * hiddenSize)
  const extra = kind === 'lstm' ? states : kind === 'gru' ? group(rows * hiddenSize) : 0
  return states + group(rows * gates[kind] * hiddenSize) + extra
}
