// Colours with their English names. Which lists are read, which names are left out, and how the rest is split.
import { dataset, splitByRows, type Dataset } from '@ostinato/datasets'
import { Rng } from '@ostinato/tensor'
import { wordsOf } from './data-names.ts'
import { requireData } from './data-packages.ts'
import { CommandError } from './errors.ts'

/** A colour with a name. */
export interface ColourRow {
  /** Red, green and blue from 0 to 1. */
  readonly colour: readonly [number, number, number]
  /** Such as `#8f3cc0`. */
  readonly hex: string
  /** In lower case, such as `dark pastel green`. */
  readonly caption: string
  readonly words: readonly string[]
  /** Which list it stands in. */
  readonly list: string
}

/** The colours in two parts. */
export interface Colours {
  readonly train: Dataset<ColourRow>
  readonly test: Dataset<ColourRow>
  /** Colours left out because a word of their name is rare. */
  readonly leftOut: number
  readonly lists: readonly { readonly title: string; readonly license: string }[]
}

/** How the colours are chosen and split. */
export interface ColourOptions {
  readonly seed: number
  /** Leaves out a colour when a word of its name stands in fewer names. Default 5. */
  readonly minimumUses?: number
  /** The share of the test part. Default 0.2. */
  readonly share?: number
}

/**
 * Lists in which people, or a standard, name colours by common words, which repeat: two surveys, and the system of the
 * ISCC-NBS. Names of paints and of plants are of no use here: no colour tells them.
 */
const lists = ['xkcd', 'mlmc_english', 'nbsIscc'] as const

/** Words of the surveys that a report is better without. */
const crude: ReadonlySet<string> = new Set(['shit', 'poop', 'poo', 'puke', 'vomit', 'barf', 'booger', 'snot', 'piss'])

interface ColourLists {
  readonly lists: Readonly<Record<string, readonly { readonly name: string; readonly hex: string }[]>>
  readonly meta: Readonly<Record<string, { readonly title: string; readonly license: string }>>
}

/**
 * The colours whose names are made of words that repeat, a fifth of them for the test. No colour is in both parts with
 * the same name; the same name may be, for another colour.
 * @throws CommandError when the data is not installed or has no such lists
 */
export function readColours({ seed, minimumUses = 5, share = 0.2 }: ColourOptions): Colours {
  const { lists: named, meta } = requireData('color-name-lists') as ColourLists
  const all = lists.flatMap((list) => {
    if (named[list] === undefined) throw new CommandError(`expected a list '${list}' of colours, got none: is color-name-lists of another version?`)
    return named[list].map(({ name, hex }) => toRow(name, hex, list))
  })
  const uses = new Map<string, number>()
  const fit = all.filter(({ words }) => !words.some((word) => crude.has(word)))
  for (const { words } of fit) for (const word of new Set(words)) uses.set(word, (uses.get(word) ?? 0) + 1)
  const common = (word: string) => (uses.get(word) ?? 0) >= minimumUses
  const kept = fit.filter(({ words }) => words.length > 0 && words.every(common))
  const { train, test } = splitByRows(dataset(kept), { train: 'rest', test: share }, { rng: new Rng(seed) })
  return { train, test, leftOut: all.length - kept.length, lists: lists.map((list) => meta[list]) }
}

/** ISCC-NBS gives some colours a second name after a comma. */
function toRow(name: string, hex: string, list: string): ColourRow {
  const caption = name.toLowerCase().split(',')[0]
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255
  return { colour: [part(1), part(3), part(5)], hex, caption, words: wordsOf(caption, 'en'), list }
}
