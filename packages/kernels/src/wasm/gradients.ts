// The gradients of weights, biases and input of a recurrent sequence in WebAssembly, gathered block by block from the
// gradients of sums that a time loop leaves: dW_ih = dS^T X, dW_hh = dS^T H_before, db = sum of dS, dX = dS W_ih.
import type { BackwardOptions, SequenceGradients } from '../types.ts'
import type { Block } from './blocks.ts'
import type { Pass } from './pass.ts'

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

/** Where the packed right operands of a block lie: its input, and the states before its rows. */
interface Packed {
  readonly input: number
  readonly before: number
}

export class WeightGradients {
  readonly #pass: Pass
  readonly #sums: Sums
  readonly #weightIh: number
  readonly #weightHh: number
  readonly #biasIh: number
  readonly #biasHh: number
  /** `[rows, input]`, and the packed weightIh; 0 when it is not wanted. */
  readonly #input: number
  readonly #packedIh: number
  /** The right operands of two blocks, packed in turn: while one is at work, the other is prepared. */
  readonly #packed: readonly Packed[]
  #turn = 0
  /** The states before the rows of a block. */
  readonly #before: number

  constructor(pass: Pass, blocks: readonly Block[], sums: Sums, options: BackwardOptions) {
    const { problem: { inputSize, hiddenSize, weightIh }, plan } = pass
    const width = sums.inputSums.columns
    const most = Math.max(0, ...blocks.map(block => block.rows))
    const wanted = options.inputGradient !== false
    this.#pass = pass
    this.#sums = sums
    this.#weightIh = pass.zeros(width * inputSize)
    this.#weightHh = pass.zeros(width * hiddenSize)
    this.#biasIh = pass.zeros(width)
    this.#biasHh = sums.hiddenSums === undefined ? this.#biasIh : pass.zeros(width)
    this.#input = wanted ? pass.take(plan.rows * inputSize) : 0
    this.#packedIh = wanted ? pass.pack(pass.bring(weightIh), width, inputSize) : 0
    const room = (n: number): number => pass.take(pass.machine.exports.packedLength(n, most))
    this.#packed = blocks.slice(0, 2).map(() => ({ input: room(inputSize), before: room(hiddenSize) }))
    this.#before = plan.full ? 0 : pass.take(most * hiddenSize)
  }

  /** Packs what does not wait for the gradients of a block's sums. The next call of `add` is for the same block. */
  prepare(block: Block): void {
    const { machine, places, problem: { inputSize, hiddenSize } } = this.#pass
    this.#turn += 1
    const { input, before } = this.#current
    const pack = (to: number, from: number, n: number): void => {
      machine.exports.packColumns(to, from, 4 * n, false, n, block.rows, 0, n)
    }
    pack(input, places.input + 4 * block.first * inputSize, inputSize)
    pack(before, this.#statesBefore(block), hiddenSize)
  }

  /** Adds a block that is prepared and whose gradients of sums are ready. */
  add(block: Block): void {
    const { problem: { inputSize, hiddenSize, biasIh, biasHh } } = this.#pass
    const { inputSums, hiddenSums } = this.#sums
    const { input, before } = this.#current
    this.#addProducts(block, this.#weightIh, [inputSums], input, inputSize)
    this.#addProducts(block, this.#weightHh, hiddenSums ?? [inputSums], before, hiddenSize)
    if (biasIh !== undefined || (biasHh !== undefined && hiddenSums === undefined)) {
      this.#addColumns(block, this.#biasIh, [inputSums])
    }
    if (biasHh !== undefined && hiddenSums !== undefined) this.#addColumns(block, this.#biasHh, hiddenSums)
    if (this.#input !== 0) this.#fillInput(block)
  }

  /** The gradients as new arrays. `dHidden` `[batch, hidden]`, in places, is what reached the initial state. */
  finish(dHidden: number): SequenceGradients<Float32Array> {
    const { machine, problem: { inputSize, hiddenSize, biasIh, biasHh } } = this.#pass
    const width = this.#sums.inputSums.columns
    const gradients = {
      initialHidden: this.#pass.batched(dHidden),
      weightIh: machine.copy(this.#weightIh, width * inputSize),
      weightHh: machine.copy(this.#weightHh, width * hiddenSize),
      ...(biasIh === undefined ? {} : { biasIh: machine.copy(this.#biasIh, width) }),
      ...(biasHh === undefined ? {} : { biasHh: machine.copy(this.#biasHh, width) }),
    }
    if (this.#input === 0) return gradients as SequenceGradients<Float32Array>
    return { ...gradients, input: this.#pass.padded(this.#input, inputSize) }
  }

  /** The states before the rows of a block, `[rows, hidden]`. */
  #statesBefore({ begin, end, first }: Block): number {
    const { machine, plan, places, problem: { hiddenSize } } = this.#pass
    const { states, active, offsets } = places
    // With every row at work in every step they lie behind one another, from the initial states on.
    if (plan.full) return states + 4 * first * hiddenSize
    machine.exports.precedingRows(this.#before, states, active, offsets, begin, end, plan.batch, hiddenSize)
    return this.#before
  }

  get #current(): Packed {
    return this.#packed[this.#turn % this.#packed.length]
  }

  /** `to` += transposed columns times a packed `right` `[rows, n]`. */
  #addProducts(block: Block, to: number, all: readonly Columns[], right: number, n: number): void {
    const { exports } = this.#pass.machine
    for (const { at, stride, columns } of all) {
      const from = at + block.first * stride
      exports.multiplyRows(to, 4 * n, from, stride, true, right, n, block.rows, to, 0, columns)
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
  #fillInput({ first, rows }: Block): void {
    const { machine, problem: { inputSize } } = this.#pass
    const { at, stride, columns } = this.#sums.inputSums
    const to = this.#input + 4 * first * inputSize
    machine.exports.multiplyRows(
      to, 4 * inputSize, at + first * stride, stride, false, this.#packedIh, inputSize, columns, 0, 0, rows,
    )
  }
}
