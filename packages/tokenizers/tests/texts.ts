// Texts and generators of texts for the tests: many scripts, and what trips tokenizers.

import fc from 'fast-check'

/** A small corpus in several scripts. */
export const corpus: readonly string[] = [
  'The quick brown fox jumps over the lazy dog.',
  "She said: \"I don't know\", and left (at 10.30).",
  'the lazy dog, the quick fox; the end!',
  'Größe, naïveté, café: déjà vu.',
  'Быстрая лиса прыгает через собаку.',
  '我喜欢看电影。',
  'ひらがなとカタカナ',
  'สวัสดีชาวโลก',
  'नमस्ते दुनिया',
  'مرحبا بالعالم',
  'waves 👋🏽 and families 👨‍👩‍👧 and flags 🇩🇪',
  '__proto__ constructor toString hasOwnProperty __proto__ valueOf',
  '<pad> <unk> <start> <end>',
  'line one\nline two\r\n\ttabbed  double  spaces ',
  'A great film.<br /><br />Truly 9/10 - well-made & fun, $5 @home #one',
]

const fragments = [
  ...corpus.flatMap((text) => text.split(/(?<= )/)),
  '<pad>', '<end>', '</s>', '\u0000', '\uFEFF', '\uFFFD', 'e\u0301', '\u0301', '\u200d', '👩🏿‍🚀', '𝒳', '\u{10FFFF}',
  'aaaa', '   ', '\n\n', '..', '"', "'", '’s', '1,000.5',
]

/** Any text without lone surrogates: arbitrary code points, and pieces of the corpus and of trouble in any order. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 15 }),
  fc.array(fc.constantFrom(...fragments), { maxLength: 10 }).map((parts) => parts.join('')),
)

/** Any text at all: any UTF-16 code units, lone surrogates too. */
export const anyUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units))

/** Checks a property; the number of runs is small because every tokenizer goes through all of them. */
export const holds = <T>(values: fc.Arbitrary<T>, property: (value: T) => void, numRuns = 100): void => {
  fc.assert(fc.property(values, (value) => { property(value) }), { numRuns })
}
