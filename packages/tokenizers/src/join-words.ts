// Joins words to text by the usual rules of spacing. Not here: how text is cut (word.ts).

import type { Joiner } from './base-tokenizer.ts'
import { SPACELESS } from './scripts.ts'

// What has no space between, on a line what was last and on the next what comes: the first word; whatever follows an
// opening bracket or quote, a sign of money, or a mark that holds two words together; a closing bracket or quote, a
// point or such a mark; two words of scripts without spaces, or their punctuation.
const wide = `[${SPACELESS}\\u3000-\\u303f\\uff01-\\uff65]`
const unspaced = /* @__PURE__ */ new RegExp(
  `^\\n|^[\\p{Ps}\\p{Pi}\\p{Sc}¿¡#@/-]\\n|\\n([\\p{Pe}\\p{Pf}.,;:!?%…'/-]$|\\p{M})|${wide}\\p{M}*\\n${wide}`,
  'u',
)

export function wordJoiner(): Joiner {
  let last = ''
  let quoted = false
  return {
    push(token) {
      // Straight quotes open and close in turn; each counts as a bracket.
      const quote = token === '"'
      const joined = unspaced.test(`${last}\n${quote && quoted ? ')' : token}`)
      if (quote) quoted = !quoted
      last = quote && quoted ? '(' : token
      return joined ? token : ` ${token}`
    },
  }
}
