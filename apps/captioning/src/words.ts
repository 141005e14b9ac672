// Captions as ids and back. The vocabulary is made of the training captions alone.
import { Vocabulary } from '@ostinato/tokenizers'
import type { Language } from './data-names.ts'

const specials = { padding: '<pad>', unknown: '<unknown>', start: '<start>', end: '<end>' } as const

/** The ids of the special words: their places in every vocabulary of this app. */
export const [paddingId, unknownId, startId, endId] = [0, 1, 2, 3] as const

/** The words of the captions, in the order of their first use, after the special ones. */
export function makeVocabulary(captions: Iterable<readonly string[]>): Vocabulary {
  const words = new Set<string>()
  for (const caption of captions) for (const word of caption) words.add(word)
  return new Vocabulary([...Object.values(specials), ...words], { specials })
}

/** A caption for reading. */
export function textOf(words: readonly string[], language: Language): string {
  return words.join(language === 'zh' ? '' : ' ')
}
