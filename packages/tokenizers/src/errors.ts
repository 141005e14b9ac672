// The error of the package and how it is worded: where, expected, got, what to do. Not here: the checks (checks.ts).

const SHOWN = 10
const SHOWN_CHARACTERS = 60

/** A text, an option or a saved file is not what a tokenizer needs. Every fault found is listed, not only the first. */
export class TokenizerError extends Error {
  override readonly name = 'TokenizerError'

  /**
   * @param where the function that was called, such as `tokenizerFromJSON`
   * @param faults every fault found, each as `expected ..., got ...`; the message shows the first ten
   */
  constructor(
    readonly where: string,
    readonly faults: readonly string[],
  ) {
    const more = faults.length > SHOWN ? `\n... and ${faults.length - SHOWN} more` : ''
    super(`${where}: ${faults.slice(0, SHOWN).join(`\n${where}: `)}${more}`)
  }
}

/** Throws when there are faults. */
export function raise(where: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new TokenizerError(where, faults)
}

/** A value as a message shows it: short, and safe for values of any kind. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_CHARACTERS))
  if (Array.isArray(value)) return `an array of ${value.length}`
  return Object(value) === value ? 'an object' : String(value)
}

/** A fault of the value at a path. */
export const fault = (path: string, expected: string, value: unknown): string =>
  `${path}: expected ${expected}, got ${show(value)}`

/** Tries several things and throws the faults of all of them together. */
export function together(where: string, ...attempts: readonly (() => unknown)[]): void {
  const faults = new Set<string>()
  for (const attempt of attempts) {
    try {
      attempt()
    } catch (error) {
      if (!(error instanceof TokenizerError)) throw error
      error.faults.forEach((fault) => faults.add(fault))
    }
  }
  raise(where, [...faults])
}
