// The state of all open hypotheses of a beam search, each row's next to each other. It knows places, not tokens.
import { gather, tensor, type AnyTensor } from '@ostinato/tensor'
import { mapState, type StateTree } from './state-tree.ts'

/**
 * Moves the state along with the hypotheses. What every step hands on untouched, such as the memory of an attention, is
 * one and the same for all hypotheses of a row: it is not copied as long as each place stays with its row.
 */
export class BeamState<S extends StateTree> {
  #state: S
  /** The row of the hypothesis at each place. */
  #rows: readonly number[]
  /** The tensors that no step has changed since the first. */
  #untouched: ReadonlySet<AnyTensor>

  /** @param state of one hypothesis a row */
  constructor(state: S, rows: number) {
    const leaves = new Set<AnyTensor>()
    mapState(state, (leaf) => {
      leaves.add(leaf)
      return leaf
    })
    this.#state = state
    this.#rows = Array.from({ length: rows }, (_, row) => row)
    this.#untouched = leaves
  }

  get state(): S {
    return this.#state
  }

  /** Takes the state `after` a step for the hypotheses that continue those at the places `parents`. */
  move(after: S, parents: readonly number[]): void {
    const rows = parents.map((parent) => this.#rows[parent])
    const same = (a: readonly number[], b: (i: number) => number) => a.every((n, i) => n === b(i))
    const sameRows = rows.length === this.#rows.length && same(rows, (i) => this.#rows[i])
    const inPlace = sameRows && same(parents, (i) => i)
    const places = tensor(Int32Array.from(parents))
    const untouched = new Set<AnyTensor>()
    this.#state = mapState(after, (leaf) => {
      const common = this.#untouched.has(leaf)
      const moved = inPlace || (common && sameRows) ? leaf : gather(leaf, places)
      if (common) untouched.add(moved)
      return moved
    })
    this.#rows = rows
    this.#untouched = untouched
  }
}
