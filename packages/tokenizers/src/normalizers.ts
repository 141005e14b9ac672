// Steps that change a text before it is cut into tokens, known by name so that a saved tokenizer can say which it uses.

import { fieldsOf } from './checks.ts'
import { fault } from './errors.ts'

/**
 * The steps which come with the package: `lower-case`; `nfc` and `nfkc`, the Unicode normalisation forms (UAX #15);
 * `html-line-breaks`, which writes `<br>` and `<br />` as a line break.
 */
export type NormalizerName = 'lower-case' | 'nfc' | 'nfkc' | 'html-line-breaks'

/** A step of your own. Only its name is saved: hand it to `tokenizerFromJSON` again. */
export interface Normalizer {
  readonly name: string
  readonly apply: (text: string) => string
}

/** A step by its name, or one of your own. */
export type NormalizerLike = NormalizerName | Normalizer

const builtIn: Readonly<Record<NormalizerName, (text: string) => string>> = {
  'lower-case': (text) => text.toLowerCase(),
  nfc: (text) => text.normalize('NFC'),
  nfkc: (text) => text.normalize('NFKC'),
  'html-line-breaks': (text) => text.replace(/<br\s*\/?>/gi, '\n'),
}

const isBuiltIn = (name: unknown): name is NormalizerName => typeof name === 'string' && Object.hasOwn(builtIn, name)

export const nameOf = (step: NormalizerLike): string => (typeof step === 'string' ? step : step.name)

export function normalize(text: string, steps: readonly NormalizerLike[]): string {
  return steps.reduce((done, step) => (typeof step === 'string' ? builtIn[step](done) : step.apply(done)), text)
}

/** What is wrong with a list of steps. */
export function normalizerFaults(steps: unknown): string[] {
  if (steps === undefined) return []
  if (!Array.isArray(steps)) return [fault('normalizers', 'an array', steps)]
  return steps.flatMap((step: unknown, i) => {
    const { name, apply } = fieldsOf(step)
    const own = typeof name === 'string' && !isBuiltIn(name) && typeof apply === 'function'
    return own || isBuiltIn(step)
      ? []
      : [fault(`normalizers[${i}]`, `${Object.keys(builtIn).join(', ')} or your own { name, apply }`, name ?? step)]
  })
}

/** Puts steps of the user's own in the place of their names; names that nobody knows stay, and are a fault. */
export function resolveNormalizers(names: unknown = null, own: readonly Normalizer[]): unknown {
  return Array.isArray(names) ? names.map((name: unknown) => own.find((step) => step.name === name) ?? name) : names
}
