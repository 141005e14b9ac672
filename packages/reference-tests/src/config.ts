// Reads the options of a case by name, so that none passes unread.
import type { Fixture } from '@ostinato/test-utils'

/** Reads the options of a case by name; `done` refuses those that nobody read. */
export class Config {
  readonly #rest: Map<string, unknown>

  constructor(readonly fixture: Fixture) {
    this.#rest = new Map(Object.entries(fixture.config))
  }

  get(name: string): unknown {
    const value = this.#rest.get(name)
    this.#rest.delete(name)
    return value
  }

  number(name: string, otherwise?: number): number {
    const value = this.get(name) ?? otherwise
    if (typeof value !== 'number')
      throw new Error(`${this.fixture.name}: expected a number for '${name}', got ${JSON.stringify(value)}`)
    return value
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.get(name) ?? otherwise
    if (typeof value !== 'boolean')
      throw new Error(`${this.fixture.name}: expected true or false for '${name}', got ${JSON.stringify(value)}`)
    return value
  }

  /** One number, or one for each axis. */
  sizes(name: string, otherwise?: number): number | readonly number[] {
    const value = this.get(name) ?? otherwise
    if (typeof value === 'number' || (Array.isArray(value) && value.every((n) => typeof n === 'number'))) return value
    throw new Error(`${this.fixture.name}: expected a number or numbers for '${name}', got ${JSON.stringify(value)}`)
  }

  word(name: string, otherwise: string): string {
    const value = this.get(name) ?? otherwise
    if (typeof value !== 'string')
      throw new Error(`${this.fixture.name}: expected a word for '${name}', got ${JSON.stringify(value)}`)
    return value
  }

  done(): void {
    if (this.#rest.size > 0)
      throw new Error(`${this.fixture.name}: options that are not understood: ${[...this.#rest.keys()].join(', ')}`)
  }
}
