// How many rows each part of a split gets. Which rows they are is the business of splits.ts.
import { failIfAny, isCount, show } from './errors.ts'

/**
 * The size of a part: a fraction between 0 and 1, or a whole number of rows, or `'rest'` (one part at most) for what
 * the others leave. Fractions and numbers of rows do not mix; 1 is a number of rows.
 */
export type Share = number | 'rest'

/** Part name -> its share. */
export type Shares<Name extends string> = Readonly<Record<Name, Share>>

/** The parts with their numbers of rows, which add up to `total`. */
export interface PartSizes<Name extends string> {
  readonly names: readonly Name[]
  readonly sizes: readonly number[]
}

const isFraction = (share: Share): share is number => typeof share === 'number' && share > 0 && share < 1

/**
 * The sizes that `shares` ask for of `total` rows. Fractions are rounded by largest remainder, ties to the earlier
 * part.
 * @throws DatasetError with every fault of the shares
 */
export function resolveShares<Name extends string>(
  where: string,
  shares: Shares<Name>,
  total: number,
): PartSizes<Name> {
  const names = Object.keys(shares) as Name[]
  const values: readonly Share[] = names.map((name) => shares[name])
  const faults = faultsOfEach(names, values)
  if (total === 0) faults.push('expected rows to split, got an empty data set')
  failIfAny(where, faults)

  const numbers = values.filter((share) => share !== 'rest')
  const sum = numbers.reduce((a, b) => a + b, 0)
  const fractions = numbers.some(isFraction)
  const whole = fractions ? 1 : total
  const rest = whole - sum
  const kind = fractions ? 'fractions' : 'numbers of rows'
  if (values.includes('rest')) {
    if (rest <= 1e-9) faults.push(`expected ${kind} below ${whole} in all beside 'rest', got ${sum}`)
  } else if (Math.abs(rest) > (fractions ? 1e-9 : 0)) {
    faults.push(`expected ${kind} that add up to ${whole}, got ${sum}: every row has to go somewhere, give one part 'rest'`)
  }
  failIfAny(where, faults)

  const exact = values.map((share) => (share === 'rest' ? rest : share) * (total / whole))
  const sizes = fractions ? roundTo(exact, total) : exact
  sizes.forEach((size, i) => {
    if (size === 0) faults.push(`expected at least one row for '${names[i]}', got ${exact[i].toFixed(3)} of ${total} rows`)
  })
  failIfAny(where, faults)
  return { names, sizes }
}

function faultsOfEach(names: readonly string[], values: readonly Share[]): string[] {
  const faults: string[] = []
  if (names.length === 0) faults.push("expected parts such as { train: 'rest', validation: 0.1 }, got none")
  values.forEach((share, i) => {
    if (share === 'rest' || isFraction(share) || isCount(share, 1)) return
    faults.push(`expected a fraction between 0 and 1, a number of rows from 1, or 'rest' for '${names[i]}', got ${show(share)}`)
  })
  if (values.filter((share) => share === 'rest').length > 1) faults.push("expected 'rest' for one part at most, got several")
  if (values.some(isFraction) && values.some((share) => isCount(share, 1))) {
    faults.push('expected fractions or numbers of rows, got both: 1 is a number of rows')
  }
  return faults
}

/** Whole numbers near `exact` that add up to `total`: rounded down, then one more for the largest remainders. */
function roundTo(exact: readonly number[], total: number): number[] {
  const sizes = exact.map(Math.floor)
  const order = exact.map((_, i) => i).sort((a, b) => (exact[b] - sizes[b]) - (exact[a] - sizes[a]) || a - b)
  const left = total - sizes.reduce((a, b) => a + b, 0)
  for (let i = 0; i < left; i++) sizes[order[i % order.length]]++
  return sizes
}
