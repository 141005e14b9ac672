// A strict look at markup, and a stream that remembers. Parsers of HTML forgive nearly everything; this one nothing.
import { Writable } from 'node:stream'

const voidElements = new Set(['meta', 'br', 'img', 'link'])
const name = '[a-zA-Z][a-zA-Z0-9-]*'
const token = new RegExp(
  `<!doctype html>|<(?<close>/${name})>|<(?<open>${name})(?<attributes>(?: [a-zA-Z][a-zA-Z0-9:-]*="[^"<]*")*) ?(?<self>/)?>|(?<text>[^<]+)`,
  'y',
)
const loneAmpersand = /&(?!(amp|lt|gt|quot|#\d+);)/

/** Throws where markup is not balanced, an attribute not quoted, or `<` and `&` not escaped. Returns the elements. */
export function parseStrictly(markup: string): string[] {
  const open: string[] = []
  const elements: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < markup.length) {
    const at = token.lastIndex
    const groups = token.exec(markup)?.groups
    const fail = (what: string): never => {
      throw new Error(`${what} at ${at}: ${markup.slice(at, at + 80)}`)
    }
    if (groups === undefined) return fail('no markup')
    if (open.at(-1) !== 'style' && loneAmpersand.test(groups['text'] ?? groups['attributes'] ?? '')) fail('lone ampersand')
    if (groups['close'] !== undefined && open.pop() !== groups['close'].slice(1)) fail('unbalanced')
    if (groups['open'] === undefined) continue
    elements.push(groups['open'])
    const attributes = [...(groups['attributes'] ?? '').matchAll(/ ([a-zA-Z][a-zA-Z0-9:-]*)=/g)].map((match) => match[1])
    if (new Set(attributes).size !== attributes.length) fail('an attribute twice')
    if (groups['self'] === undefined && !voidElements.has(groups['open'])) open.push(groups['open'])
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(' ')}`)
  return elements
}

/** Stands for standard error: remembers what was written. */
export class FakeStream extends Writable {
  text = ''

  constructor(readonly isTTY: boolean, readonly columns = 80) {
    super()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }

  /** For the option `stream`. */
  get asStream(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }

  /** What a terminal shows after all that, down to the line of the cursor. Knows the escape sequences used here. */
  get screen(): string[] {
    const screen = ['']
    let [row, column] = [0, 0]
    for (const [, escape, count = '', command, character] of this.text.matchAll(/(\x1b\[\??(\d*)([A-Za-z]))|([^])/g)) {
      if (escape === undefined) {
        if (character === '\n') {
          row++
          column = 0
          screen[row] ??= ''
        } else {
          screen[row] = screen[row].slice(0, column).padEnd(column) + character + screen[row].slice(column + 1)
          column++
        }
      } else if (command === 'A') row -= Number(count || 1)
      else if (command === 'B') row += Number(count || 1)
      else if (command === 'G') column = Number(count || 1) - 1
      else if (command === 'K') screen[row] = count === '2' ? '' : screen[row].slice(0, column)
      else if (!escape.includes('?2026')) throw new Error(`FakeStream: unknown sequence ${JSON.stringify(escape)}`)
    }
    expectBlank(screen.slice(row + 1))
    return screen.slice(0, row + 1)
  }
}

function expectBlank(lines: readonly string[]): void {
  if (lines.some((line) => line !== '')) throw new Error(`FakeStream: left below the cursor: ${lines.join()}`)
}
