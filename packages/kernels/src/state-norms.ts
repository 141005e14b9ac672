// The norms of a loss's total gradient with respect to the states of a sequence, by row and step: read from what a
// backward pass has at hand just before it goes back over a step. Not here: the passes.
import { tanh } from './javascript/maths.ts'
import type { Plan } from './plan.ts'
import type { FloatArray, StateNorms } from './types.ts'

/** What a backward pass has at hand before it goes back over a step. */
export interface StepGradients {
  /** `[batch, hidden]`, in places: what has come back from later steps. */
  readonly dHidden: FloatArray
  /** `[rows, hidden]`, packed: the gradients of the outputs; absent: zero. */
  readonly outer: FloatArray | undefined
  /** Of an LSTM. */
  readonly cell?: {
    /** `[batch, hidden]`, in places. */
    readonly dCell: FloatArray
    /** `[rows, 4 * hidden]`: i, f, g and o, not yet gradients. */
    readonly gates: FloatArray
    /** `[batch + rows, hidden]`: the cells, not yet their tanh. */
    readonly cells: FloatArray
  } | undefined
}

/** Gathers the norms of one backward pass. */
export class StateNormReader {
  readonly #hidden: Float64Array
  readonly #cell: Float64Array | undefined
  readonly #row: Float64Array

  constructor({ batch, time }: Plan, hiddenSize: number, { hasCell }: { readonly hasCell: boolean }) {
    this.#hidden = new Float64Array(batch * time)
    this.#cell = hasCell ? new Float64Array(batch * time) : undefined
    this.#row = new Float64Array(hiddenSize)
  }

  /** To be called for each step of some rows from the last to the first, before the pass goes back over it. */
  read({ active, offsets, source, batch }: Plan, t: number, { dHidden, outer, cell }: StepGradients): void {
    const row = this.#row
    const hidden = row.length
    for (let p = 0; p < active[t]; p += 1) {
      const packed = offsets[t] + p
      for (let j = 0; j < hidden; j += 1) {
        row[j] = dHidden[p * hidden + j] + (outer === undefined ? 0 : outer[packed * hidden + j])
      }
      this.#hidden[source[packed]] = euclideanNorm(row)
      if (cell === undefined || this.#cell === undefined) continue
      for (let j = 0; j < hidden; j += 1) {
        const c = tanh(cell.cells[(batch + packed) * hidden + j])
        row[j] = cell.dCell[p * hidden + j] + row[j] * cell.gates[(4 * packed + 3) * hidden + j] * (1 - c * c)
      }
      this.#cell[source[packed]] = euclideanNorm(row)
    }
  }

  norms(): StateNorms {
    return { hidden: this.#hidden, ...(this.#cell && { cell: this.#cell }) }
  }
}

/** Scaled by the largest element, so that the squares of a vanished gradient do not underflow. */
function euclideanNorm(values: Float64Array): number {
  let largest = 0
  for (let i = 0; i < values.length; i += 1) largest = Math.max(largest, Math.abs(values[i]))
  // Zero, infinite or NaN: nothing to scale.
  if (!(largest > 0 && largest < Infinity)) return largest
  let sum = 0
  for (let i = 0; i < values.length; i += 1) sum += (values[i] / largest) ** 2
  return largest * Math.sqrt(sum)
}
