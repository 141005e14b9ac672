// The gradients of weights, biases and input of a recurrent sequence in WebAssembly, gathered block by block from the
// gradients of sums that a time loop leaves: dW_ih = dS^T X, dW_hh = dS^T H_before, db = sum of dS, dX = dS W_ih. Every
// group has sums of its own, which are added up in the end.
import type { Plan } from '../plan.ts'
import type { BackwardOptions, SequenceGradients } from '../types.ts'
import { blocksOf } from './blocks.ts'
import type { Block } from './blocks.ts'
import type { At, Pass, Placed } from './pass.ts'

/** Some columns of the gradients of sums, by packed row, and so some rows of the weight that feeds them. */
export interface Columns {
  readonly at: number
  /** Bytes from row to row. */
  readonly stride: number
  readonly columns: number
}

/** What the time loop fills. */
export interface Sums {
  /** Gradients of the sums that weightIh feeds. */
  readonly inputSums: Columns
  /** Gradients of the sums that weightHh feeds, side by side; absent where they are the same. */
  readonly hiddenSums?: readonly Columns[]
}

/** Where the gradients of one group lie. */
interface Gradients {
  readonly weightIh: number
  readonly weightHh: number
  readonly biasIh: number
  readonly biasHh: number
}

export class WeightGradients {
  readonly #pass: Pass
  readonly #sums: (placed: Placed) => Sums
  readonly #width: number
  /** Where the gradients of the first group lie; those of the next lie `#length` elements behind. */
  readonly #at: number
  readonly #length: number
  /** `[rows, input]` of each group, and the packed weightIh; absent when it is not wanted. */
  readonly #input: { readonly to: At; readonly packedIh: number; readonly result: () => Float32Array } | undefined
  /** The right operands of a block, packed. */
  readonly #packedInput: At
  readonly #packedHidden: At
  /** The states before the rows of a block, where they do not lie behind one another. */
  readonly #before: At

  /** The sums of each group; those that weightIh feeds have `width` columns. */
  constructor(
    pass: Pass, { sums, width }: { readonly sums: (placed: Placed) => Sums; readonly width: number },
    options: BackwardOptions,
  ) {
    const { machine, problem: { inputSize, hiddenSize, weightIh }, groups } = pass
    this.#pass = pass
    this.#sums = sums
    this.#width = width
    this.#length = Math.ceil((width * (inputSize + hiddenSize + 2)) / 4) * 4
    this.#at = pass.take(groups.length * this.#length)
    for (const placed of groups) {
      const { weightIh: all, biasIh: biases } = this.#gradientsOf(placed)
      // Products with the first block begin from zero, where there is one.
      if (placed.group.steps === 0) machine.zero(all, this.#length)
      else machine.zero(biases, 2 * width)
    }
    if (options.inputGradient !== false) {
      const to = pass.takeEach(({ rows }) => rows * inputSize)
      const packedIh = pass.pack(pass.bring(weightIh), width, inputSize)
      this.#input = { to, packedIh, result: pass.padded(to, inputSize) }
    }
    const most = (group: Plan): number => Math.max(0, ...blocksOf(group, width).map(block => block.rows))
    this.#packedInput = pass.takeEach(group => machine.exports.packedLength(inputSize, most(group)))
    this.#packedHidden = pass.takeEach(group => machine.exports.packedLength(hiddenSize, most(group)))
    this.#before = pass.takeEach(group => (group.full ? 0 : most(group) * hiddenSize))
  }

  /** What adds a block of a group, in stages: see `Lane`. */
  get stages(): readonly ((placed: Placed, block: Block) => void)[] {
    return [
      (placed, block) => { this.#addHidden(placed, block) },
      (placed, block) => { this.#addInput(placed, block) },
      (placed, block) => { this.#fillInput(placed, block) },
    ]
  }

  /** dW_hh. */
  #addHidden(placed: Placed, block: Block): void {
    const { inputSums, hiddenSums = [inputSums] } = this.#sums(placed)
    const { hiddenSize: n } = this.#pass.problem
    const from = this.#statesBefore(placed, block)
    const packed = this.#packedHidden(placed)
    this.#addProducts(placed, block, hiddenSums, { to: this.#gradientsOf(placed).weightHh, from, n, packed })
  }

  /** dW_ih and the biases. */
  #addInput(placed: Placed, block: Block): void {
    const { problem: { inputSize: n, biasIh, biasHh } } = this.#pass
    const { inputSums, hiddenSums } = this.#sums(placed)
    const to = this.#gradientsOf(placed)
    const from = placed.places.input + 4 * block.first * n
    const packed = this.#packedInput(placed)
    this.#addProducts(placed, block, [inputSums], { to: to.weightIh, from, n, packed })
    if (biasIh !== undefined || (biasHh !== undefined && hiddenSums === undefined)) {
      this.#addColumns(block, to.biasIh, [inputSums])
    }
    if (biasHh !== undefined && hiddenSums !== undefined) this.#addColumns(block, to.biasHh, hiddenSums)
  }

  /** The gradients as new arrays. `dHidden` is what reached the initial state. */
  finish(dHidden: () => Float32Array): SequenceGradients<Float32Array> {
    const { machine, groups, problem: { inputSize, hiddenSize, biasIh, biasHh } } = this.#pass
    const others = groups.length - 1
    const stride = 4 * this.#length
    if (others > 0) machine.exports.sumRows(this.#at, this.#at + stride, stride, others, 0, this.#length)
    const width = this.#width
    const from = this.#gradientsOf(groups[0])
    const biasHhAt = this.#sums(groups[0]).hiddenSums === undefined ? from.biasIh : from.biasHh
    const gradients = {
      initialHidden: dHidden(),
      weightIh: machine.copy(from.weightIh, width * inputSize),
      weightHh: machine.copy(from.weightHh, width * hiddenSize),
      ...(biasIh === undefined ? {} : { biasIh: machine.copy(from.biasIh, width) }),
      ...(biasHh === undefined ? {} : { biasHh: machine.copy(biasHhAt, width) }),
    }
    if (this.#input === undefined) return gradients as SequenceGradients<Float32Array>
    return { ...gradients, input: this.#input.result() }
  }

  #gradientsOf({ number }: Placed): Gradients {
    const { inputSize, hiddenSize } = this.#pass.problem
    const weightIh = this.#at + 4 * number * this.#length
    const weightHh = weightIh + 4 * this.#width * inputSize
    const biasIh = weightHh + 4 * this.#width * hiddenSize
    return { weightIh, weightHh, biasIh, biasHh: biasIh + 4 * this.#width }
  }

  /** The states before the rows of a block, `[rows, hidden]`. */
  #statesBefore(placed: Placed, { begin, end, first }: Block): number {
    const { machine, problem: { hiddenSize } } = this.#pass
    const { group: { batch, full }, places: { states, active, offsets } } = placed
    // With every row at work in every step they lie behind one another, from the initial states on.
    if (full) return states + 4 * first * hiddenSize
    const to = this.#before(placed)
    machine.exports.precedingRows(to, states, active, offsets, begin, end, batch, hiddenSize)
    return to
  }

  /** Adds at `to`: transposed columns times the rows `[rows, n]` that lie at `from`, packed at `packed`. */
  #addProducts(
    { group }: Placed, { first, rows, end }: Block, all: readonly Columns[],
    { to, from, n, packed }: Readonly<Record<'to' | 'from' | 'n' | 'packed', number>>,
  ): void {
    const { exports } = this.#pass.machine
    exports.packColumns(packed, from, 4 * n, false, n, rows, 0, n)
    for (const { at, stride, columns } of all) {
      const start = end === group.steps ? 0 : to
      exports.multiplyRows(to, 4 * n, at + first * stride, stride, true, packed, n, rows, start, 0, columns)
      to += 4 * columns * n
    }
  }

  /** `to` += the sums of the columns. */
  #addColumns(block: Block, to: number, all: readonly Columns[]): void {
    for (const { at, stride, columns } of all) {
      this.#pass.machine.exports.sumRows(to, at + block.first * stride, stride, block.rows, 0, columns)
      to += 4 * columns
    }
  }

  /** Fills the rows of a block of dX. */
  #fillInput(placed: Placed, { first, rows }: Block): void {
    if (this.#input === undefined) return
    const { machine, problem: { inputSize } } = this.#pass
    const { at, stride, columns } = this.#sums(placed).inputSums
    const { to, packedIh } = this.#input
    const from = at + first * stride
    machine.exports.multiplyRows(
      to(placed) + 4 * first * inputSize, 4 * inputSize, from, stride, false, packedIh, inputSize, columns, 0, 0, rows,
    )
  }
}
