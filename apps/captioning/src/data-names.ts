// The names of the emoji, in English or Chinese, and what kind of thing each is. No pictures.
import { readDataFile } from './data-packages.ts'
import { withoutSelectors } from './data-drawings.ts'
import { CommandError } from './errors.ts'

/** A language that captions can be had in. */
export const languages = ['en', 'zh'] as const

/** One of `languages`. */
export type Language = (typeof languages)[number]

/** An emoji, whoever draws it. */
export interface EmojiName {
  /** The character itself. */
  readonly emoji: string
  /** Its code points without FE0F, such as `1F44B-1F3FB`. */
  readonly codePoints: string
  /** The code points of the emoji without skin tones; its own when it has none. */
  readonly base: string
  /** Skin tones from 1 (light) to 5 (dark): none, one, or two of couples. */
  readonly tones: readonly number[]
  /** Such as `animals-nature`. */
  readonly group: string
  /** The name, in lower case. */
  readonly caption: string
  /** What is to be generated: words in English, characters in Chinese; no punctuation. Of no other emoji the same. */
  readonly words: readonly string[]
}

interface Entry {
  readonly label: string
  readonly hexcode: string
  readonly emoji: string
  /** Absent for parts that are no emoji of their own, such as the letters of flags. */
  readonly group?: number
  readonly tone?: number | readonly number[]
  readonly skins?: readonly Entry[]
}

/**
 * All emoji of the Unicode standard with their names from CLDR, in its order.
 * @throws CommandError when the data is not installed, or two emoji have the same words
 */
export async function readNames(language: Language): Promise<EmojiName[]> {
  const [entries, { groups }] = await Promise.all([
    readDataFile(`emojibase-data/${language}/data.json`) as Promise<readonly Entry[]>,
    readDataFile('emojibase-data/meta/groups.json') as Promise<{ readonly groups: Readonly<Record<string, string>> }>,
  ])
  const names = entries.flatMap((entry) => {
    if (entry.group === undefined) return []
    const [base, group] = [withoutSelectors(entry.hexcode), groups[entry.group]]
    return [entry, ...(entry.skins ?? [])].map(({ emoji, hexcode, label, tone }): EmojiName => {
      const tones = tone === undefined ? [] : [tone].flat()
      const caption = label.toLowerCase()
      const words = wordsOf(caption, language)
      return { emoji, codePoints: withoutSelectors(hexcode), base, tones, group, caption, words }
    })
  })
  const seen = new Map<string, string>()
  for (const { words, codePoints } of names) {
    const text = words.join(' ')
    const other = seen.get(text)
    if (other !== undefined) {
      throw new CommandError(`expected names that differ, got '${text}' for ${other} and ${codePoints}: is emojibase-data of another version?`)
    }
    seen.set(text, codePoints)
  }
  return names
}

/**
 * The words of a caption in lower case, without punctuation: `man: medium-dark skin tone, bald` is `man`,
 * `medium-dark`, `skin`, `tone`, `bald`. Hyphens and apostrophes stay inside words. In Chinese every character is a
 * word. `#` and `*` are words: they are names of keys.
 */
export function wordsOf(caption: string, language: Language): string[] {
  const word = language === 'zh' ? /[\p{L}\p{N}#*]/gu : /[\p{L}\p{N}]+(?:[-’'.][\p{L}\p{N}]+)*|[#*]/gu
  return caption.toLowerCase().match(word) ?? []
}
