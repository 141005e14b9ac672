// One pass of a recurrent sequence, forward or backward, in WebAssembly: where things lie in memory, and how arrays
// come in, are packed, and go out. Not here: the products over all steps (projection.ts) and the time loops.
import type { Plan } from '../plan.ts'
import type { SequenceProblem, SequenceResult } from '../types.ts'
import type { Machine } from './machine.ts'
import type { Slot } from './slots.ts'

export type Problem = SequenceProblem<Float32Array>

/** Where the parts of a forward pass lie. They stay there when they are kept. */
export interface Places {
  readonly active: number
  readonly offsets: number
  readonly source: number
  readonly order: number
  readonly last: number
  /** `[rows, input]`, packed. */
  readonly input: number
  /** `[batch + rows, hidden]` */
  readonly states: number
  /** What the kind of layer adds: gates, and cells or products. */
  readonly gates: number
  readonly extra: number
}

/** What a forward pass leaves in a machine's memory: for as long as its slot is valid, if it has one. */
export interface Held {
  readonly machine: Machine
  readonly slot: Slot | undefined
  readonly places: Places
}

export class Pass {
  readonly machine: Machine
  readonly plan: Plan
  readonly problem: Problem
  readonly places: Places

  constructor(machine: Machine, plan: Plan, problem: Problem, places: Places) {
    this.machine = machine
    this.plan = plan
    this.problem = problem
    this.places = places
  }

  /** Room for `length` elements in this pass. */
  take(length: number): number {
    return this.machine.take(length)
  }

  /** Room for `length` elements in this pass, all zero. */
  zeros(length: number): number {
    const at = this.take(length)
    this.machine.zero(at, length)
    return at
  }

  /** An array brought in as it is. */
  bring(values: Float32Array): number {
    const at = this.machine.take(values.length)
    this.machine.write(at, values)
    return at
  }

  /** `[batch, time, width]` brought in and packed to `[rows, width]` at `to`. */
  bringPacked(padded: Float32Array, to: number, width: number): void {
    if (this.plan.plain) this.machine.write(to, padded)
    else this.machine.exports.gatherRows(to, this.bring(padded), this.places.source, width, this.plan.rows)
  }

  /** The gradients of the outputs, packed `[rows, hidden]`; 0 where there are none. */
  bringOuter(output: Float32Array | undefined): number {
    if (output === undefined) return 0
    const at = this.take(this.plan.rows * this.problem.hiddenSize)
    this.bringPacked(output, at, this.problem.hiddenSize)
    return at
  }

  /** `[batch, hidden]` brought in and sorted into places at `to`; zeros where there is none. */
  bringPlaces(values: Float32Array | undefined, to: number): void {
    const { batch } = this.plan
    const { hiddenSize } = this.problem
    if (values === undefined) this.machine.zero(to, batch * hiddenSize)
    else if (this.plan.full) this.machine.write(to, values)
    else this.machine.exports.gatherRows(to, this.bring(values), this.places.order, hiddenSize, batch)
  }

  /** A window on the gradients `[batch, hidden]` in places, to be looked through at once. */
  viewPlaces(at: number): Float32Array {
    return this.machine.view(at, this.plan.batch * this.problem.hiddenSize)
  }

  /** A window on the gradients of the outputs, as `bringOuter` brought them. */
  viewOuter(at: number): Float32Array | undefined {
    return at === 0 ? undefined : this.machine.view(at, this.plan.rows * this.problem.hiddenSize)
  }

  /** Packed rows as a new array `[batch, time, width]`, zero past each length. */
  padded(from: number, width: number): Float32Array {
    const { batch, time, rows, plain } = this.plan
    const length = batch * time * width
    if (plain) return this.machine.copy(from, length)
    const at = this.take(length)
    if (rows < batch * time) this.machine.zero(at, length)
    this.machine.exports.scatterRows(at, from, this.places.source, width, rows)
    return this.machine.copy(at, length)
  }

  /**
   * The outputs `[batch, time, hidden]`, zero past each length, and the last states `[batch, hidden]`; of a single step
   * they are one array.
   */
  outputs(): Pick<SequenceResult<Float32Array>, 'output' | 'hidden'> {
    const { plan: { batch, time, plain }, problem: { hiddenSize }, places: { states } } = this
    const hidden = this.last(states)
    const single = plain && time === 1
    return { output: single ? hidden : this.padded(states + 4 * batch * hiddenSize, hiddenSize), hidden }
  }

  /** The last of `[batch + rows, hidden]` for every row, as a new array `[batch, hidden]`. */
  last(states: number): Float32Array {
    const { batch, rows, full } = this.plan
    const { hiddenSize } = this.problem
    const length = batch * hiddenSize
    if (full) return this.machine.copy(states + 4 * rows * hiddenSize, length)
    const at = this.take(length)
    this.machine.exports.gatherRows(at, states, this.places.last, hiddenSize, batch)
    return this.machine.copy(at, length)
  }

  /** Places `[batch, hidden]` as a new array in the order of the batch. */
  batched(from: number): Float32Array {
    const length = this.plan.batch * this.problem.hiddenSize
    if (this.plan.full) return this.machine.copy(from, length)
    const at = this.take(length)
    this.machine.exports.scatterRows(at, from, this.places.order, this.problem.hiddenSize, this.plan.batch)
    return this.machine.copy(at, length)
  }

  /** A matrix in memory `[k, n]` packed as the right operand of a product. */
  pack(matrix: number, k: number, n: number): number {
    const to = this.take(this.machine.exports.packedLength(n, k))
    this.machine.exports.packColumns(to, matrix, 4 * n, false, n, k, 0, n)
    return to
  }
}

/** Starts a forward pass: lays its parts out, kept or not, and brings indices, input and initial states in. */
export function startPass(
  machine: Machine, plan: Plan, problem: Problem, sizes: { readonly gates: number; readonly extra: number },
): { readonly pass: Pass; readonly held: Held } {
  const { steps, rows, batch, indices } = plan
  const { inputSize, hiddenSize } = problem
  const lengths = [indices.length, rows * inputSize, (batch + rows) * hiddenSize, sizes.gates, sizes.extra]
  const ends: number[] = []
  for (const length of lengths) ends.push((ends.at(-1) ?? 0) + Math.ceil(length / 4) * 4)
  const slot = problem.keep === true ? machine.keep(ends[4]) : undefined
  machine.begin(rows * (problem.weightIh.length + problem.weightHh.length))
  const at = slot?.at ?? machine.take(ends[4])
  const places = {
    active: at,
    offsets: at + 4 * steps,
    source: at + 8 * steps,
    order: at + 4 * (2 * steps + rows),
    last: at + 4 * (2 * steps + rows + batch),
    input: at + 4 * ends[0],
    states: at + 4 * ends[1],
    gates: at + 4 * ends[2],
    extra: at + 4 * ends[3],
  }
  const pass = new Pass(machine, plan, problem, places)
  machine.writeIntegers(at, indices)
  pass.bringPacked(problem.input, places.input, inputSize)
  pass.bringPlaces(problem.initialHidden, places.states)
  return { pass, held: { machine, slot, places } }
}
