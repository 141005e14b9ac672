// What learning and applying merges share: a chain of symbols, and a key for pairs of them.

/** Stands before the first piece, between pieces and after the last, and where a symbol is gone. */
const NONE = -1

/** Symbols in a doubly linked list, one piece of text after another, so that a merge costs the same anywhere. */
export class SymbolChain {
  readonly symbols: number[] = [NONE]
  readonly next: number[] = [1]
  readonly previous: number[] = [NONE]

  append(piece: Iterable<number>): void {
    for (const symbol of piece) this.#push(symbol)
    this.#push(NONE)
  }

  /** writes a symbol over the one at a place and drops the one behind it */
  merge(at: number, symbol: number): void {
    const { symbols, next, previous } = this
    const end = next[at]
    symbols[at] = symbol
    symbols[end] = NONE
    next[at] = next[end]
    previous[next[at]] = at
  }

  #push(symbol: number): void {
    const at = this.symbols.push(symbol)
    this.next.push(at)
    this.previous.push(at - 2)
  }
}

/**
 * One number for a pair of symbols: the key of maps. It is exact while symbols stay below 2^26, and a pair with the end
 * of a piece has a key that no pair of symbols has.
 */
export const pairKey = (left: number, right: number): number => left * 2 ** 26 + right
