// Text segmentation by Unicode's rules and a language's dictionary (UAX #29), where the platform has it.

import { fault } from './errors.ts'

/** A piece of text; whether it is a word is known when the segmenter looks for words. */
export type Segment = Pick<Intl.SegmentData, 'segment' | 'isWordLike'>

const WINDOW = 512
const MARGIN = 64

/** What is wrong with a locale, or, where a segmenter is needed, with the platform. */
export function segmenterFaults(needed: boolean, locale: unknown = 'en'): string[] {
  try {
    Intl.getCanonicalLocales(String(locale))
    if (needed) new Intl.Segmenter()
    return []
  } catch {
    return [fault('locale', "a language tag such as 'en', and a platform with Intl.Segmenter", locale)]
  }
}

/**
 * All segments of a text. Engines take time that grows with the square of a text's length, so it goes through in
 * windows: of each, the segments count that end well before its edge, and the next begins behind them. A segment that
 * fills a window gets a larger one.
 */
export function segments(segmenter: Intl.Segmenter, text: string): Segment[] {
  const found: Segment[] = []
  for (let from = 0, size = WINDOW; from < text.length;) {
    const edge = from + size < text.length ? size - MARGIN : size
    let end = 0
    for (const part of segmenter.segment(text.slice(from, from + size))) {
      if (part.index + part.segment.length > edge) break
      end = part.index + part.segment.length
      found.push(part)
    }
    from += end
    size = end > 0 ? WINDOW : size * 2
  }
  return found
}
