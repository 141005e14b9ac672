// The errors of the package and how they are worded: where, expected, got, what to do.

/** A tensor (or a list of sizes) has another shape or element type than an operation needs. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'

  /**
   * @param where the function that was called, such as `matmul` or `Lstm.forward`
   * @param faults every fault found, each a sentence `expected …, got …: what to do`
   */
  constructor(
    readonly where: string,
    readonly faults: readonly string[],
  ) {
    super(faults.length === 1 ? `${where}: ${faults[0]}` : `${where}: ${faults.length} faults\n${list(faults)}`)
  }
}

const list = (faults: readonly string[]) => faults.map((fault, i) => `  ${i + 1}. ${fault}`).join('\n')

/** Throws a `ShapeError` with one fault. */
export function fail(where: string, fault: string): never {
  throw new ShapeError(where, [fault])
}
