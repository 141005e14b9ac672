// Joins words to text by the usual rules of spacing. Not here: how text is cut (word.ts).

import type { Joiner } from './base-tokenizer.ts'
import { SPACELESS } from './scripts.ts'

/** no space before: closing brackets and quotes, points, marks that hold two words together */
const holdsBack = /^(?:[\p{Pe}\p{Pf}.,;:!?%…'/-]$|\p{M})/u
/** no space after: opening brackets and quotes, signs of money, marks that hold two words together */
const holdsOn = /^[\p{Ps}\p{Pi}\p{Sc}¿¡#@/-]$/u
/** scripts without spaces between words, and their punctuation */
const spaceless = `[${SPACELESS}\\u3000-\\u303f\\uff01-\\uff65]`
const startsSpaceless = /* @__PURE__ */ new RegExp(`^${spaceless}`, 'u')
const endsSpaceless = /* @__PURE__ */ new RegExp(`${spaceless}\\p{M}*$`, 'u')

export function wordJoiner(): Joiner {
  let last = ''
  let quoted = false
  return {
    push(token) {
      const before = last
      const quote = token === '"'
      const close =
        before === '' ||
        (quote && quoted) ||
        holdsBack.test(token) ||
        holdsOn.test(before) ||
        (startsSpaceless.test(token) && endsSpaceless.test(before))
      if (quote) quoted = !quoted
      // A straight quote that opens holds on to the next word as a bracket does.
      last = quote && quoted ? '(' : token
      return close ? token : ` ${token}`
    },
  }
}
