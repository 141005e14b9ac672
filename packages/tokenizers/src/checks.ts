// Small checks of values which nobody has typed yet: options from plain JavaScript and parsed JSON. Most give a list of
// faults, empty when all is well, so that callers can join the lists and report everything at once. An option that is
// undefined is well: it has a default.

import { fault, raise, show } from './errors.ts'

/** A value with named fields, each of which may be anything. */
export type Fields = Readonly<Record<string, unknown>>

/** Options as plain JavaScript may give them: the names are known, the values are not. */
export type Unchecked<T> = { readonly [name in keyof T]?: unknown }

/** The fields of an object; of anything else, none. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {})

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function oneOf(path: string, value: unknown, allowed: readonly unknown[]): string[] {
  return value === undefined || allowed.includes(value) ? [] : [fault(path, allowed.map(show).join(' or '), value)]
}

/** A whole number; Infinity stands for no limit. */
export function atLeast(path: string, value: unknown, minimum: number): string[] {
  const well = value === Infinity || (Number.isSafeInteger(value) && (value as number) >= minimum)
  return value === undefined || well ? [] : [fault(path, `a whole number of at least ${minimum}`, value)]
}

/** The fields of a saved file, once it is known to be of the right format. */
export function opened(where: string, json: unknown, expected: string): Fields {
  const { format = null, ...fields } = fieldsOf(json)
  raise(where, oneOf('format', format, [expected]))
  return fields
}

/** Goes through texts and refuses one long string, whose characters would pass for texts. */
export function* eachText(where: string, texts: Iterable<string>): Generator<string> {
  if (typeof texts === 'string') raise(where, ['expected many texts, got one string: wrap it in an array'])
  let index = 0
  for (const text of texts) {
    if (typeof text !== 'string') raise(where, [fault(`text ${index}`, 'a string', text)])
    index++
    yield text
  }
}
