// How the package refuses options: every fault at once, in one error. Tensors of a wrong shape are `ShapeError`s of
// `@ostinato/tensor` instead.

/** Throws a `RangeError` that lists `faults`, unless there are none. */
export function throwFaults(where: string, faults: readonly string[]): void {
  if (faults.length === 1) throw new RangeError(`${where}: ${faults[0]}`)
  if (faults.length > 1) {
    const list = faults.map((fault, i) => `  ${i + 1}. ${fault}`).join('\n')
    throw new RangeError(`${where}: ${faults.length} faults\n${list}`)
  }
}

/** A value as an error message shows it. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'object' && value !== null) return `an object of class ${value.constructor?.name ?? 'none'}`
  return typeof value === 'function' ? 'a function' : String(value)
}
