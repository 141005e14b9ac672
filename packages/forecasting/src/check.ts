// How this package words what it refuses: where, expected, got. All faults of a call at once.

/** Throws a `RangeError` with all `faults`, each a sentence `expected …, got …`, if there are any. */
export function failIfAny(where: string, faults: readonly string[]): void {
  if (faults.length === 0) return
  const list = faults.map((fault, i) => `  ${i + 1}. ${fault}`).join('\n')
  throw new RangeError(faults.length === 1 ? `${where}: ${faults[0]}` : `${where}: ${faults.length} faults\n${list}`)
}

/** The fault of `value` if it is no whole number of `least` or more. */
export function countFaults(name: string, value: number, least = 1): string[] {
  return Number.isSafeInteger(value) && value >= least ? [] : [`expected ${name} to be an integer of ${least} or more, got ${value}`]
}

/** The faults of lists that should be as long as the first of them and hold a number or more. */
export function lengthFaults(lists: Readonly<Record<string, ArrayLike<number>>>): string[] {
  const [[first, { length }], ...rest] = Object.entries(lists)
  if (length === 0) return [`expected ${first} of at least one value, got none`]
  return rest.flatMap(([name, list]) =>
    list.length === length ? [] : [`expected ${name} as long as ${first}, ${length} values, got ${list.length}`])
}

/** The first value that is not finite, as a fault. */
export function finiteFaults(name: string, values: ArrayLike<number>): string[] {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) return [`expected ${name} of finite numbers, got ${values[i]} at ${i}`]
  }
  return []
}

/** The faults of probability levels: each inside (0, 1), rising. */
export function levelFaults(levels: readonly number[]): string[] {
  const rises = (level: number, i: number) => level > (levels[i - 1] ?? 0) && level < 1
  return levels.length > 0 && levels.every(rises) ? [] : [`expected rising levels between 0 and 1, got [${levels.join(', ')}]`]
}
