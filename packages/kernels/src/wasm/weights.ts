// The weights of a recurrent layer as forward passes read them: packed, with the biases that go together added up. They
// are packed in every call, or stay where they are while their version does: see resident.ts.
import type { Machine } from './machine.ts'
import type { Problem } from './pass.ts'
import { findResident, makeResident } from './resident.ts'

/** What a kind of layer makes of its weights. */
export interface WeightForm {
  /** The rows of the weights: gates times hidden. */
  readonly width: number
  /** Rows of biases, each the sum of those that there are. */
  readonly biases: readonly (readonly (Float32Array | undefined)[])[]
}

/** Where the parts lie. */
export interface Weights {
  /** The packed transpose of weightIh. */
  readonly ih: number
  /** The packed transpose of weightHh. */
  readonly hh: number
  /** The rows of biases. */
  readonly bias: number
}

/** Weights that stay; undefined where they do not. Before a pass starts: it may forget the layout of the arena. */
export function residentWeights(machine: Machine, problem: Problem, form: WeightForm): Weights | undefined {
  const { weightIh, weightHh, biasIh, biasHh, keep, weightsVersion: version } = problem
  if (keep === true || version === undefined) return undefined
  const sizes = sizesOf(machine, problem, form)
  const original = { arrays: [weightHh, weightIh, biasIh, biasHh], version, form: 'layer' } as const
  const found = findResident(machine, original)
  if (found !== undefined) return partsAt(found, sizes)
  const weights = partsAt(makeResident(machine, original, lengthOf(sizes)), sizes)
  fill(machine, weights, problem, form)
  return weights
}

/** Weights packed into the arena. */
export function packedWeights(machine: Machine, problem: Problem, form: WeightForm): Weights {
  const sizes = sizesOf(machine, problem, form)
  const weights = partsAt(machine.take(lengthOf(sizes)), sizes)
  fill(machine, weights, problem, form)
  return weights
}

/** Elements of the parts, in whole groups of four. */
function sizesOf(machine: Machine, { inputSize, hiddenSize }: Problem, { width, biases }: WeightForm): Weights {
  const { exports } = machine
  return {
    ih: exports.packedLength(width, inputSize),
    hh: exports.packedLength(width, hiddenSize),
    bias: Math.ceil((width * biases.length) / 4) * 4,
  }
}

const lengthOf = ({ ih, hh, bias }: Weights): number => ih + hh + bias

const partsAt = (at: number, { ih, hh }: Weights): Weights => ({ ih: at, hh: at + 4 * ih, bias: at + 4 * (ih + hh) })

function fill(machine: Machine, to: Weights, problem: Problem, { width, biases }: WeightForm): void {
  const { weightIh, weightHh, inputSize, hiddenSize } = problem
  for (const [at, weight, k] of [[to.ih, weightIh, inputSize], [to.hh, weightHh, hiddenSize]] as const) {
    const from = machine.take(weight.length)
    machine.write(from, weight)
    machine.exports.packColumns(at, from, 4 * k, true, width, k, 0, width)
  }
  machine.zero(to.bias, width * biases.length)
  biases.forEach((row, i) => {
    for (const values of row) if (values !== undefined) machine.add(to.bias + 4 * i * width, values)
  })
}
