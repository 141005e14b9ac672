// Puts start and end round the ids of a text and cuts them to a length. Not here: padding (batch.ts).

import { atLeast, oneOf } from './checks.ts'
import { raise } from './errors.ts'
import type { EncodeOptions } from './tokenizer.ts'
import type { Vocabulary } from './vocabulary.ts'

export function frame(ids: number[], vocabulary: Vocabulary, options: EncodeOptions): number[] {
  const { start = false, end = false, maximumLength = Infinity, truncate = 'end' } = options
  const head = start ? [vocabulary.specialId('start')] : []
  const tail = end ? [vocabulary.specialId('end')] : []
  const framing = head.length + tail.length
  raise('Tokenizer.encode', [
    ...atLeast('maximumLength', maximumLength, framing || 1),
    ...oneOf('truncate', truncate, ['start', 'end', 'middle']),
  ])
  const excess = Math.max(0, ids.length + framing - maximumLength)
  if (excess > 0) {
    // Of an odd number of ids that stay round a cut middle, the head has one more.
    const kept = ids.length - excess
    const cut = { start: 0, middle: Math.ceil(kept / 2), end: kept }[truncate]
    ids.splice(cut, excess)
  }
  return framing > 0 ? [...head, ...ids, ...tail] : ids
}
