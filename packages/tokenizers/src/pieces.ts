// The units which byte-pair encoding never merges across, and their bytes.

// Letters with the space or apostrophe before them; up to three digits; symbols; white space. Every code point falls in
// one of them, so the pieces joined are the text. Runs are bounded so that no text makes one piece that is very long.
const piece =
  /[ '’]?[\p{L}\p{M}]{1,256}| ?\p{N}{1,3}| ?[^\s\p{L}\p{M}\p{N}]{1,256}|\s{1,256}(?!\S)|\s{1,256}/gu

export const pieces = (text: string): readonly string[] => text.match(piece) ?? []

const encoder = /* @__PURE__ */ new TextEncoder()

/** The bytes of a text in UTF-8. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD. */
export const bytesOf = (text: string): Uint8Array => encoder.encode(text)

/** The bytes which a token spells. */
export function bytesOfToken(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) bytes[i] = token.charCodeAt(i)
  return bytes
}

/** How tokens are spelled: one character, U+0000 to U+00FF, for each byte. */
export const byteTokens: readonly string[] = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) =>
  String.fromCharCode(byte),
)
