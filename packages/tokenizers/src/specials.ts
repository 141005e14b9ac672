// The four special tokens which a vocabulary may hold. Not here: where their ids are used.

import { isFields, type Unchecked } from './checks.ts'
import { fault } from './errors.ts'

/** What a special token is for. */
export type SpecialRole = 'padding' | 'unknown' | 'start' | 'end'

/** How each special token is spelled; a role that is left out has no token. */
export type Specials = { readonly [role in SpecialRole]?: string }

const ROLES: readonly SpecialRole[] = ['padding', 'unknown', 'start', 'end']

/**
 * All four special tokens under their usual names. A trained vocabulary gives the specials it is told to have the first
 * ids, in this order: with all four, padding is 0, unknown 1, start 2 and end 3.
 *
 * @example
 * ```ts
 * import { standardSpecials, trainCharacterTokenizer } from '@ostinato/tokenizers'
 *
 * const tokenizer = trainCharacterTokenizer(['abc'], { specials: standardSpecials })
 * tokenizer.encode('ab', { start: true, end: true }) // [2, 4, 5, 3]
 * ```
 */
export const standardSpecials = {
  padding: '<pad>',
  unknown: '<unk>',
  start: '<start>',
  end: '<end>',
} as const satisfies Specials

/** The special tokens in the order of their roles. */
export function specialTokens(specials: Unchecked<Specials>): string[] {
  return ROLES.map((role) => specials[role]).filter((token) => typeof token === 'string')
}

export function specialFaults(specials: unknown): string[] {
  if (specials === undefined) return []
  if (!isFields(specials)) return [fault('specials', 'an object', specials)]
  const taken = new Set<unknown>([''])
  return Object.entries(specials).flatMap(([role, token]) => {
    const known = (ROLES as readonly string[]).includes(role)
    const well = known && (token === undefined || (typeof token === 'string' && !taken.has(token)))
    taken.add(token)
    return well ? [] : [fault(`specials.${role}`, `${ROLES.join(', ')}, each with a token of its own`, token)]
  })
}
