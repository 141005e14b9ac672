// Decodes the text that scripts/build-wasm.js writes. Bytes have ranks by how often they occur; a rank is a digit,
// after a mark where it is 91 or more, after another where it is 182 or more.

/** The digits: printable ASCII from the space to `|`, without the quote and the backslash. */
const DIGITS = 91
const FIRST_MARK = 125
const SECOND_MARK = 126

/** The bytes of a text; `order` has all bytes by their ranks, in hexadecimal. */
export function decodeBytes(text: string, order: string): Uint8Array {
  const byRank = Uint8Array.from({ length: 256 }, (_, rank) => Number.parseInt(order.slice(2 * rank, 2 * rank + 2), 16))
  const bytes = new Uint8Array(text.length)
  let length = 0
  let page = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === FIRST_MARK) page = DIGITS
    else if (code === SECOND_MARK) page = 2 * DIGITS
    else {
      const digit = code - 32 - (code > 39 ? 1 : 0) - (code > 92 ? 1 : 0)
      bytes[length++] = byRank[page + digit]
      page = 0
    }
  }
  return bytes.subarray(0, length)
}
