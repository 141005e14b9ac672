// What JSON.parse does not tell of a text: keys that come twice, and nesting without end. It is no parser: whether the
// text is JSON at all, JSON.parse says afterwards.
import { fail, show } from './error.ts'

/** The header, an entry in it, a list in that. */
const deepest = 3

/**
 * Walks over the brackets and strings of a JSON text.
 * @throws SafetensorsError at a key that its object has already, or where brackets stand too deep
 */
export function checkKeys(where: string, text: string): void {
  const keys: Set<string>[] = []
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '{' || character === '[') {
      keys.push(new Set())
      if (keys.length > deepest) fail(where, `expected at most ${deepest} levels in the header, got more at character ${i}`)
    } else if (character === '}' || character === ']') {
      keys.pop()
    } else if (character === '"') {
      const end = endOfString(text, i)
      if (isKey(text, end)) addKey(where, text.slice(i, end), keys.at(-1))
      i = end - 1
    }
  }
}

/** The place after the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i + 1
}

/** Whether a colon follows. */
function isKey(text: string, after: number): boolean {
  let i = after
  while (i < text.length && ' \t\n\r'.includes(text[i])) i++
  return text[i] === ':'
}

/** The same key may be spelt in several ways: "a" is "\u0061". */
function addKey(where: string, literal: string, keys: Set<string> | undefined): void {
  let key
  try {
    key = JSON.parse(literal) as string
  } catch {
    return
  }
  if (keys?.has(key)) fail(where, `expected each key once, got ${show(key)} again`)
  keys?.add(key)
}
