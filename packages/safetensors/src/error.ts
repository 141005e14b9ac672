// The one error of the package. A file from anywhere ends in tensors or in this, never in another error.

const most = 10

/** A file is not valid safetensors, or tensors cannot be written as such. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError'

  /**
   * @param where the function that was called
   * @param faults every fault found, each `expected …, got …`
   */
  constructor(
    readonly where: string,
    readonly faults: readonly string[],
  ) {
    const shown = faults.slice(0, most).map((fault, i) => `\n  ${i + 1}. ${fault}`)
    const rest = faults.length > most ? `\n  and ${faults.length - most} more` : ''
    super(`${where}: ${faults.length === 1 ? faults[0] : `${faults.length} faults${shown.join('')}${rest}`}`)
  }
}

/** Throws a `SafetensorsError` with these faults, unless there are none. */
export function throwFaults(where: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new SafetensorsError(where, faults)
}

/** Throws a `SafetensorsError` with one fault. */
export function fail(where: string, fault: string): never {
  throw new SafetensorsError(where, [fault])
}

/** A value from a file as a message shows it: short, and with control characters escaped. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
