// Learns byte-pair merges from counted pieces of text. Not here: cutting the text, or applying what was learned.

import { Heap } from './heap.ts'
import { byteTokens, bytesOf } from './pieces.ts'
import { pairKey, SymbolChain } from './symbol-chain.ts'

/** Two tokens that become one. */
export type Merge = readonly [left: string, right: string]

export interface LearnOptions {
  /** how many merges to learn at most */
  readonly most: number
  /** pairs seen less often are not merged */
  readonly minimumCount: number
  /** spellings which no merge may make */
  readonly reserved: readonly string[]
}

/** Two neighbouring symbols, how often they occur, and where: the count is exact, some places may be out of date. */
interface Pair {
  /** orders pairs by age: by the left symbol first, then by the right one */
  readonly key: number
  readonly left: number
  readonly right: number
  count: number
  readonly places: number[]
}

/**
 * Merges the most frequent pair of neighbouring symbols, again and again (Sennrich et al. 2016, algorithm 1, on bytes).
 * Of pairs with the same count goes first the one whose left symbol is older (bytes by value, then merges by age), then
 * the one whose right symbol is. A pair that spells a token which exists already, such as aa·a after a·aa, is passed
 * over.
 *
 * All pieces lie in one chain and every pair knows its places, so a merge costs as much as it changes. A heap finds the
 * next pair: a pair gains places only in the step that makes its younger symbol, so a count in the heap can only be too
 * high, and is corrected when it comes up.
 */
export function learnMerges(pieces: ReadonlyMap<string, number>, options: LearnOptions): Merge[] {
  const chain = new SymbolChain()
  const { symbols, next, previous } = chain
  const weights: number[] = [0]
  for (const [piece, count] of pieces) {
    chain.append(bytesOf(piece))
    while (weights.length < symbols.length) weights.push(count)
  }
  const spelling = [...byteTokens]
  const taken = new Set([...spelling, ...options.reserved])
  const merges: Merge[] = []

  const pairs = new Map<number, Pair>()
  const waiting = new Heap<{ readonly pair: Pair; readonly count: number }>(
    (a, b) => a.count > b.count || (a.count === b.count && a.pair.key < b.pair.key),
  )
  const offer = (pair: Pair) => {
    if (pair.count >= options.minimumCount) waiting.push({ pair, count: pair.count })
  }
  const gained = new Set<Pair>()
  const gain = (at: number) => {
    const left = symbols[at]
    const right = symbols[next[at]]
    if (left < 0 || right < 0) return
    const key = pairKey(left, right)
    const pair = pairs.get(key) ?? { key, left, right, count: 0, places: [] }
    if (pair.count === 0) pairs.set(key, pair)
    pair.count += weights[at]
    pair.places.push(at)
    gained.add(pair)
  }
  const lose = (at: number) => {
    const pair = pairs.get(pairKey(symbols[at], symbols[next[at]]))
    if (pair) pair.count -= weights[at]
  }

  for (let at = 1; at < symbols.length - 1; at++) gain(at)
  gained.forEach(offer)
  for (let entry = waiting.pop(); entry && merges.length < options.most; entry = waiting.pop()) {
    const { key, left, right, count, places } = entry.pair
    const made = spelling[left] + spelling[right]
    if (entry.count !== count) offer(entry.pair)
    if (entry.count !== count || taken.has(made)) continue
    const symbol = spelling.push(made) - 1
    taken.add(made)
    merges.push([spelling[left], spelling[right]])
    pairs.delete(key)
    gained.clear()
    for (const at of places) {
      if (symbols[at] !== left || symbols[next[at]] !== right) continue
      lose(previous[at])
      lose(next[at])
      chain.merge(at, symbol)
      gain(previous[at])
      gain(at)
    }
    gained.forEach(offer)
  }
  return merges
}
