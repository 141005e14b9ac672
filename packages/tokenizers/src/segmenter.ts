// Text segmentation by Unicode's rules and a language's dictionary (UAX #29), where the platform has it.

import { fault } from './errors.ts'

/** What is wrong; `instead` is the setting that needs no segmenter. */
export function segmenterFaults(instead: string, locale: unknown = 'en'): string[] {
  try {
    new Intl.Segmenter(locale as string)
    return []
  } catch {
    return [fault('locale', `Intl.Segmenter (or choose '${instead}') and a language tag such as 'en'`, locale)]
  }
}
