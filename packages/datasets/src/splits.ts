// Cuts a data set into named parts: at random, with equal shares of each class, by group, by time. Each row lands in
// exactly one part (but for the gaps that `splitByTime` is asked to leave). Not here: the sizes of the parts
// (parts.ts).
import type { Rng } from '@ostinato/tensor'
import { dataset, type Dataset, type Rows } from './dataset.ts'
import { fail, failIfAny, isCount, show } from './errors.ts'
import { resolveShares, type PartSizes, type Shares } from './parts.ts'

/** Part name -> its rows, in the order they have in the data set. */
export type Split<Name extends string, T> = Readonly<Record<Name, Dataset<T>>>

/** What a random split draws from. */
export interface SplitOptions {
  readonly rng: Rng
}

/** Which label a row has. */
export interface StratifiedOptions<T> extends SplitOptions {
  readonly label: (item: T, index: number) => string | number | boolean
}

/** Which group a row belongs to. */
export interface GroupOptions<T> extends SplitOptions {
  readonly groupBy: (item: T, index: number) => string | number | boolean
}

/** How a split by time is checked and spaced. */
export interface TimeOptions<T> {
  /** Rows left out between each part and the next, so that windows which reach across do not leak. Default 0. */
  readonly gap?: number
  /**
   * The time of a row; when given, it is checked that rows are in order of time. Equal times may fall on both sides
   * of a cut.
   */
  readonly time?: (item: T, index: number) => number | Date
}

/**
 * Draws the rows of each part at random.
 *
 * @throws DatasetError when the shares do not use every row exactly once or leave a part empty
 * @example
 * ```ts
 * import { dataset, splitByRows } from '@ostinato/datasets'
 * import { Rng } from '@ostinato/tensor'
 * const rows = dataset({ length: 100, get: (index) => index })
 * const { train, validation } = splitByRows(rows, { train: 0.9, validation: 0.1 }, { rng: new Rng(7) })
 * console.assert(train.length === 90 && validation.length === 10)
 * ```
 */
export function splitByRows<T, Name extends string>(
  rows: Rows<T>,
  shares: Shares<Name>,
  { rng }: SplitOptions,
): Split<Name, T> {
  const parts = resolveShares('splitByRows', shares, rows.length)
  const order = rng.permutation(rows.length)
  const partOf = new Int32Array(rows.length)
  let at = 0
  parts.sizes.forEach((size, part) => {
    for (const end = at + size; at < end; at++) partOf[order[at]] = part
  })
  return collect(rows, parts, partOf)
}

/**
 * Draws rows at random, each label in the proportion that it has in the whole: of `k` parts, each holds its share of
 * every label to within `k - 1` rows. The sizes of the parts are exact.
 *
 * @throws DatasetError when the shares do not use every row exactly once or leave a part empty
 */
export function splitStratified<T, Name extends string>(
  rows: Rows<T>,
  shares: Shares<Name>,
  { label, rng }: StratifiedOptions<T>,
): Split<Name, T> {
  const parts = resolveShares('splitStratified', shares, rows.length)
  const order = rng.permutation(rows.length)
  const strata = groupsOf(rows, label)
  const first = new Int32Array(strata.count + 1)
  for (const stratum of strata.of) first[stratum + 1]++
  for (let i = 0; i < strata.count; i++) first[i + 1] += first[i]
  const lined = new Int32Array(rows.length)
  for (const row of order) lined[first[strata.of[row]]++] = row
  const dealt = deal(rows.length, parts.sizes)
  const partOf = new Int32Array(rows.length)
  lined.forEach((row, i) => {
    partOf[row] = dealt[i]
  })
  return collect(rows, parts, partOf)
}

/**
 * Draws whole groups at random: rows with the same key never cross into another part, so that a text which occurs twice
 * is never trained on and validated with. Sizes come as near as groups allow: of two parts, each is within half the
 * largest group of what was asked; where every row is a group of its own, sizes are exact.
 *
 * @throws DatasetError when the shares do not use every row exactly once, or when there are too few groups to give
 * each part one
 * @example
 * ```ts
 * import { dataset, splitByGroup } from '@ostinato/datasets'
 * import { Rng } from '@ostinato/tensor'
 * const texts = dataset(['good', 'bad', 'good', 'fine', 'bad', 'dull'])
 * const { train, validation } = splitByGroup(texts, { train: 'rest', validation: 2 }, {
 *   groupBy: (text) => text,
 *   rng: new Rng(1),
 * })
 * const held = new Set(validation)
 * console.assert(train.length + validation.length === 6 && !train.toArray().some((text) => held.has(text)))
 * ```
 */
export function splitByGroup<T, Name extends string>(
  rows: Rows<T>,
  shares: Shares<Name>,
  { groupBy, rng }: GroupOptions<T>,
): Split<Name, T> {
  const where = 'splitByGroup'
  const parts = resolveShares(where, shares, rows.length)
  const groups = groupsOf(rows, groupBy)
  const weights = new Int32Array(groups.count)
  for (const group of groups.of) weights[group]++
  const order = rng.permutation(groups.count)
  const partOfGroup = new Int32Array(groups.count)
  let [seen, part, end] = [0, 0, parts.sizes[0]]
  for (const group of order) {
    // The part in which the group's middle falls: so a large group has the same chance as a small one.
    const middle = seen + weights[group] / 2
    while (middle > end && part < parts.sizes.length - 1) end += parts.sizes[++part]
    partOfGroup[group] = part
    seen += weights[group]
  }
  const faults = parts.names
    .filter((_, part) => !partOfGroup.includes(part))
    .map((name) => `expected a group for every part, got none for '${name}': ${groups.count} groups of ${rows.length} rows`)
  failIfAny(where, faults)
  return collect(rows, parts, groups.of.map((group) => partOfGroup[group]))
}

/**
 * Cuts rows that are in order of time: the first part named gets the earliest rows, the last the latest. Shares are
 * of the rows that remain beside the gaps. Nothing is random.
 *
 * @throws DatasetError when the shares do not use every row exactly once or leave a part empty, or when rows are out
 * of order
 * @example
 * ```ts
 * import { dataset, splitByTime } from '@ostinato/datasets'
 * const days = dataset({ length: 110, get: (day) => ({ day, price: 100 + day }) })
 * const { train, test } = splitByTime(days, { train: 0.8, test: 0.2 }, { gap: 10, time: (row) => row.day })
 * console.assert(train.length === 80 && test.get(0).day === 90)
 * ```
 */
export function splitByTime<T, Name extends string>(
  rows: Rows<T>,
  shares: Shares<Name>,
  { gap = 0, time }: TimeOptions<T> = {},
): Split<Name, T> {
  const where = 'splitByTime'
  const cuts = Object.keys(shares).length - 1
  const numeric = Object.keys(shares).filter((name) => /^\d+$/.test(name))
  failIfAny(where, [
    ...(isCount(gap) ? [] : [`expected a gap of whole rows from 0, got ${show(gap)}`]),
    ...numeric.map((name) => `expected part names that are no numbers, got '${name}': an object does not keep their order`),
  ])
  const used = Math.max(0, rows.length - gap * Math.max(0, cuts))
  if (used === 0 && rows.length > 0) fail(where, `expected more rows than the gaps take, got ${rows.length} for ${cuts} x ${gap}`)
  const parts = resolveShares(where, shares, used)
  if (time) checkOrder(where, rows, time)
  const all = dataset(rows)
  let at = 0
  const entries = parts.names.map((name, part) => {
    const piece = all.skip(at).take(parts.sizes[part])
    at += parts.sizes[part] + gap
    return [name, piece] as const
  })
  return Object.fromEntries(entries) as Split<Name, T>
}

function checkOrder<T>(where: string, rows: Rows<T>, time: (item: T, index: number) => number | Date): void {
  let last = -Infinity
  for (let i = 0; i < rows.length; i++) {
    const value = time(rows.get(i), i)
    const now = typeof value === 'number' ? value : value.getTime()
    if (Number.isNaN(now)) fail(where, `expected a time for every row, got ${String(value)} in row ${i}`)
    if (now < last) fail(where, `expected rows in order of time, got row ${i} earlier than row ${i - 1}: sort them first`)
    last = now
  }
}

/** A number from 0 for each key, in order of first appearance, and which of them each row has. */
function groupsOf<T>(rows: Rows<T>, key: (item: T, index: number) => unknown): { of: Int32Array; count: number } {
  const numbers = new Map<unknown, number>()
  const of = new Int32Array(rows.length)
  for (let i = 0; i < of.length; i++) {
    const value = key(rows.get(i), i)
    const known = numbers.get(value)
    if (known === undefined) numbers.set(value, numbers.size)
    of[i] = known ?? numbers.size - 1
  }
  return { of, count: numbers.size }
}

/**
 * Deals `count` units, in order, to parts of the given sizes: each to the part that lies furthest behind its share of
 * what has been dealt so far, ties to the earlier. Every run of units is so divided nearly in proportion, and the sizes
 * are filled exactly. They add up to `count`.
 */
function deal(count: number, sizes: readonly number[]): Int32Array {
  const given = sizes.map(() => 0)
  const dealt = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    let furthest = 0
    let most = -Infinity
    for (let part = 0; part < sizes.length; part++) {
      const behind = sizes[part] * (i + 1) - given[part] * count
      if (behind > most) {
        most = behind
        furthest = part
      }
    }
    given[furthest]++
    dealt[i] = furthest
  }
  return dealt
}

function collect<T, Name extends string>(
  rows: Rows<T>,
  { names }: PartSizes<Name>,
  partOf: Int32Array,
): Split<Name, T> {
  const all = dataset(rows)
  const counts = new Int32Array(names.length)
  for (const part of partOf) counts[part]++
  const indices = Array.from(counts, (count) => new Int32Array(count))
  counts.fill(0)
  partOf.forEach((part, row) => {
    indices[part][counts[part]++] = row
  })
  return Object.fromEntries(names.map((name, part) => [name, all.select(indices[part])])) as Split<Name, T>
}
