// One pass of a recurrent sequence, forward or backward, in WebAssembly: where things lie in memory, and how arrays
// come in, are packed, and go out. The groups of the batch go through it side by side. Not here: what they do there.
import type { Plan } from '../plan.ts'
import type { SequenceProblem, SequenceResult } from '../types.ts'
import { forEachRun, groupsOf } from './groups.ts'
import type { Lane, Machine } from './machine.ts'
import type { Slot } from './slots.ts'

export type Problem = SequenceProblem<Float32Array>

/** Where the parts of a group's forward pass lie. They stay there when they are kept. */
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
  /** Where the next group may begin. */
  readonly end: number
}

/** A group, and where its forward pass lies. */
export interface Placed {
  readonly number: number
  readonly group: Plan
  readonly places: Places
}

/** Where something of a group lies. */
export type At = (placed: Placed) => number

/** What a forward pass leaves in a machine's memory: for as long as its slot is valid, if it has one. */
export interface Held {
  readonly machine: Machine
  readonly slot: Slot | undefined
  readonly groups: readonly Placed[]
}

/** Indices of a group: of its packed rows, or of its places. */
type Index = 'source' | 'order' | 'last'

/** Rows of a group that are brought from one place to another. */
interface Move {
  readonly kernel: 'gatherRows' | 'scatterRows'
  readonly to: At
  readonly from: At
  readonly index: Index
  readonly width: number
}

/** Copies what a group has of an array of the whole batch, into memory or back. */
type Copy = (placed: Placed) => void

export class Pass {
  readonly machine: Machine
  readonly plan: Plan
  readonly problem: Problem
  readonly groups: readonly Placed[]
  /** Come before the arrivals, and after the departures. */
  readonly #bringing: Copy[] = []
  readonly #fetching: Copy[] = []
  readonly #arrivals: Move[] = []
  readonly #departures: Move[] = []

  constructor(machine: Machine, plan: Plan, problem: Problem, groups: readonly Placed[]) {
    this.machine = machine
    this.plan = plan
    this.problem = problem
    this.groups = groups
  }

  /** Room for `length` elements in this pass. */
  take(length: number): number {
    return this.machine.take(length)
  }

  /** Room for so many elements in each group. */
  takeEach(length: (group: Plan) => number): At {
    const at = this.groups.map(({ group }) => this.take(length(group)))
    return ({ number }) => at[number]
  }

  /** An array brought in as it is. */
  bring(values: Float32Array): number {
    const at = this.machine.take(values.length)
    this.machine.write(at, values)
    return at
  }

  /** `[batch, time, width]` brought in: each group starts with its rows packed `[rows, width]` at `to`. */
  bringPacked(padded: Float32Array, to: At, width: number): void {
    this.#arrive('source', padded, to, width)
  }

  /** `[batch, hidden]` brought in: each group starts with its rows in places at `to`; zeros where there is none. */
  bringPlaces(values: Float32Array | undefined, to: At): void {
    const { hiddenSize } = this.problem
    if (values !== undefined) this.#arrive('order', values, to, hiddenSize)
    else for (const placed of this.groups) this.machine.zero(to(placed), placed.group.batch * hiddenSize)
  }

  /**
   * Takes every group through its work, before which it fetches what it brings, and after which it takes back what it
   * leaves: side by side, unless the work `reads` what lies in memory.
   */
  run(workOf: (placed: Placed) => Lane, { reads = false }: { readonly reads?: boolean } = {}): void {
    const { groups } = this
    if (groups.length > 1 && !reads) {
      this.machine.sideBySide(groups.map(placed => this.#laneOf(placed, workOf(placed))))
      return
    }
    for (const placed of groups) {
      this.#copy(this.#bringing, placed)
      this.#move(this.#arrivals, placed)
      const { steps, stages } = workOf(placed)
      for (let i = 0; i < steps; i += 1) for (const stage of stages) stage(i)
      this.#move(this.#departures, placed)
      this.#copy(this.#fetching, placed)
    }
  }

  /** Work with two steps more before and after it. What is taken back comes from the first stage or the last. */
  #laneOf(placed: Placed, { steps, stages }: Lane): Lane {
    return {
      steps: steps + 4,
      stages: stages.map((stage, number) => {
        const [first, last] = [number === 0, number === stages.length - 1]
        return (step) => {
          if (step >= 2 && step < steps + 2) stage(step - 2)
          else if (step === 0 && first) this.#copy(this.#bringing, placed)
          else if (step === 1 && first) this.#move(this.#arrivals, placed)
          else if (step === steps + 2 && last) this.#move(this.#departures, placed)
          else if (step === steps + 3 && last) this.#copy(this.#fetching, placed)
        }
      }),
    }
  }

  #copy(copies: readonly Copy[], placed: Placed): void {
    for (const copy of copies) this.machine.inTurn(() => { copy(placed) })
  }

  #move(moves: readonly Move[], placed: Placed): void {
    const { group: { rows, batch }, places } = placed
    for (const { kernel, to, from, index, width } of moves) {
      this.machine.exports[kernel](to(placed), from(placed), places[index], width, index === 'source' ? rows : batch)
    }
  }

  /** Brings an array of the whole batch in, for each group to fetch its rows to `to`. */
  #arrive(index: Index, values: Float32Array, to: At, width: number): void {
    const { machine, groups } = this
    if (this.#straight(index)) {
      machine.write(to(groups[0]), values)
      return
    }
    const at = index === 'source' ? this.take(values.length) : this.bring(values)
    this.#arrivals.push({ kernel: 'gatherRows', to, from: () => at, index, width })
    if (index !== 'source') return
    this.#bringing.push(({ group }) => {
      forEachRun(group, (first, rows) => {
        machine.writePart(at + 4 * first * width, values, first * width, rows * width)
      })
    })
  }

  /** Gives, after the run, a new array of the whole batch, `length` rows, with those of the groups at `from`. */
  #depart(index: Index, from: At, width: number, length: number): () => Float32Array {
    const { machine, groups } = this
    if (this.#straight(index)) return () => machine.copy(from(groups[0]), length * width)
    const at = this.take(length * width)
    this.#departures.push({ kernel: 'scatterRows', to: () => at, from, index, width })
    if (index !== 'source') return () => machine.copy(at, length * width)
    const array = new Float32Array(length * width)
    this.#fetching.push(({ group }) => {
      forEachRun(group, (first, rows) => { machine.read(at + 4 * first * width, array, first * width, rows * width) })
    })
    return () => array
  }

  /** Whether rows of the only group lie as those of the batch do. */
  #straight(index: Index): boolean {
    const { groups, plan } = this
    return groups.length === 1 && (index === 'source' ? plan.plain : plan.full)
  }

  /** Gives, after the run, a new array `[batch, time, width]` of the packed rows at `from`, zero past each length. */
  padded(from: At, width: number): () => Float32Array {
    return this.#depart('source', from, width, this.plan.batch * this.plan.time)
  }

  /** Gives, after the run, a new array `[batch, hidden]` of the places at `from`. */
  batched(from: At): () => Float32Array {
    return this.#depart('order', from, this.problem.hiddenSize, this.plan.batch)
  }

  /** Gives, after the run, a new array `[batch, hidden]` of the last of `[batch + rows, hidden]` in every row. */
  last(states: At): () => Float32Array {
    const { plan, problem: { hiddenSize } } = this
    if (plan.full) return this.batched(placed => states(placed) + 4 * placed.group.rows * hiddenSize)
    const at = this.takeEach(({ batch }) => batch * hiddenSize)
    this.#departures.push({ kernel: 'gatherRows', to: at, from: states, index: 'last', width: hiddenSize })
    return this.batched(at)
  }

  /**
   * Gives, after the run, the outputs `[batch, time, hidden]`, zero past each length, and the last states
   * `[batch, hidden]`; of a single step they are one array.
   */
  outputs(): () => Pick<SequenceResult<Float32Array>, 'output' | 'hidden'> {
    const { plan: { time, plain }, problem: { hiddenSize } } = this
    const hidden = this.last(({ places }) => places.states)
    if (plain && time === 1) {
      return () => {
        const states = hidden()
        return { output: states, hidden: states }
      }
    }
    const output = this.padded(({ group, places }) => places.states + 4 * group.batch * hiddenSize, hiddenSize)
    return () => ({ output: output(), hidden: hidden() })
  }

  /** A matrix in memory `[k, n]` packed as the right operand of a product. */
  pack(matrix: number, k: number, n: number): number {
    const to = this.take(this.machine.exports.packedLength(n, k))
    this.machine.exports.packColumns(to, matrix, 4 * n, false, n, k, 0, n)
    return to
  }
}

/** What the kind of layer adds to a group's forward pass, in elements. */
interface Sizes {
  readonly gates: number
  readonly extra: number
}

/** Starts a forward pass: lays its parts out, kept or not, and brings indices, input and initial states in. */
export function startPass(
  machine: Machine, plan: Plan, problem: Problem, sizesOf: (group: Plan) => Sizes,
): { readonly pass: Pass; readonly held: Held } {
  const { layout, weightIh, weightHh, inputSize, keep } = problem
  const weights = weightIh.length + weightHh.length
  const groups = groupsOf(plan, layout, weights)
  let bytes = 0
  for (const group of groups) bytes = layOut(bytes, group, problem, sizesOf(group)).end
  const slot = keep === true ? machine.keep(bytes / 4) : undefined
  machine.begin(plan.rows * weights)
  let at = slot?.at ?? machine.take(bytes / 4)
  const placed = groups.map((group, number) => {
    const places = layOut(at, group, problem, sizesOf(group))
    machine.writeIntegers(at, group.indices)
    at = places.end
    return { number, group, places }
  })
  const pass = new Pass(machine, plan, problem, placed)
  pass.bringPacked(problem.input, ({ places }) => places.input, inputSize)
  pass.bringPlaces(problem.initialHidden, ({ places }) => places.states)
  return { pass, held: { machine, slot, groups: placed } }
}

/** Where the parts of a group lie, from `active` on. */
function layOut(
  active: number, { steps, rows, batch }: Plan, { inputSize, hiddenSize }: Problem, sizes: Sizes,
): Places {
  const offsets = active + 4 * steps
  const source = offsets + 4 * steps
  const order = source + 4 * rows
  const last = order + 4 * batch
  const input = aligned(last + 4 * batch)
  const states = aligned(input + 4 * rows * inputSize)
  const gates = aligned(states + 4 * (batch + rows) * hiddenSize)
  const extra = aligned(gates + 4 * sizes.gates)
  return { active, offsets, source, order, last, input, states, gates, extra, end: aligned(extra + 4 * sizes.extra) }
}

/** The next multiple of 16 bytes. */
const aligned = (at: number): number => Math.ceil(at / 16) * 16
