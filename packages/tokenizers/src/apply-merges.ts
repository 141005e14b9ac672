// Applies learned merges to one piece of text. Not here: learning them (learn-merges.ts).

import { Heap } from './heap.ts'
import { pairKey, SymbolChain } from './symbol-chain.ts'

/**
 * Merges neighbours, the earliest learned merge first and from left to right, until none applies: the same result as
 * going through all merges in the order they were learned. Takes O(n log n) for n symbols, since the possible merges
 * wait in a heap.
 *
 * @param merges the symbol that a pair becomes, by `pairKey`; a higher symbol is a later merge
 */
export function applyMerges(piece: Iterable<number>, merges: ReadonlyMap<number, number>): number[] {
  const chain = new SymbolChain()
  chain.append(piece)
  const { symbols, next, previous } = chain
  const length = symbols.length
  const mergedAt = (at: number) => merges.get(pairKey(symbols[at], symbols[next[at]]))
  // One number holds the merge and its place, and orders by the merge first.
  const waiting = new Heap<number>((a, b) => a < b)
  const offer = (at: number) => {
    const merged = mergedAt(at)
    if (merged !== undefined) waiting.push(merged * length + at)
  }
  for (let at = 1; at < length - 1; at++) offer(at)
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    const at = entry % length
    const merged = (entry - at) / length
    // Another merge may have taken one of the two symbols in the meantime.
    if (mergedAt(at) !== merged) continue
    chain.merge(at, merged)
    offer(previous[at])
    offer(at)
  }
  return symbols.filter((symbol) => symbol >= 0)
}
