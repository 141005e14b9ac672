// The error of the package: where, expected, got, what to do. Faults of shape belong to `@ostinato/tensor`.

/** A data set, a split, a loader or a reader was given something that it cannot work with. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError'

  /**
   * @param where the function that was called, such as `splitByRows` or `Dataset.get`
   * @param faults every fault found, each a sentence `expected …, got …: what to do`
   */
  constructor(
    readonly where: string,
    readonly faults: readonly string[],
    options?: ErrorOptions,
  ) {
    const list = faults.map((fault, i) => `  ${i + 1}. ${fault}`).join('\n')
    super(faults.length === 1 ? `${where}: ${faults[0]}` : `${where}: ${faults.length} faults\n${list}`, options)
  }
}

/** Throws a `DatasetError` when there are faults. */
export function failIfAny(where: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new DatasetError(where, faults)
}

/** Throws a `DatasetError` with one fault. */
export function fail(where: string, fault: string, options?: ErrorOptions): never {
  throw new DatasetError(where, [fault], options)
}

/** Whether `value` is a whole number of at least `minimum`, small enough to count rows. */
export function isCount(value: unknown, minimum = 0): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximumRows
}

/** Row numbers are kept as int32. */
export const maximumRows = 2 ** 31 - 1

/** How a value that should have been a number is shown in an error. */
export function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
