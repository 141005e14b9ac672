// Ways to cut the emoji into parts that ask different questions: a style never seen, a noun with a skin tone never
// seen. Each row lands in exactly one part.
import { splitByGroup, type Dataset } from '@ostinato/datasets'
import { Rng } from '@ostinato/tensor'
import type { Vendor } from './data-drawings.ts'
import type { EmojiRow } from './data-emoji.ts'
import { CommandError } from './errors.ts'

type Row = Pick<EmojiRow, 'vendor' | 'base' | 'tones'>

/** The pictures of one vendor for the test, those of the others for training: every caption is known, no style is. */
export function holdOutVendor<T extends Row>(
  rows: Dataset<T>,
  vendor: Vendor,
): { readonly train: Dataset<T>; readonly test: Dataset<T> } {
  const test = rows.filter((row) => row.vendor === vendor)
  const train = rows.filter((row) => row.vendor !== vendor)
  if (test.length === 0 || train.length === 0) {
    throw new CommandError(`expected pictures of ${vendor} and of others, got ${test.length} and ${train.length}`)
  }
  return { train, test }
}

/** How much is cut off for validation. */
export interface ValidationOptions {
  /** Whose pictures: a training vendor. */
  readonly vendor: Vendor
  /** The share of its pictures, above 0 up to 1. An emoji goes with all its skin tones. */
  readonly share: number
  readonly seed: number
}

/**
 * Cuts a validation part off the training rows: emoji of one vendor, drawn at random, with all their skin tones. The
 * other vendors' drawings of them stay in training, so that captions are known and drawings are not. With a share of 1
 * it is the whole vendor.
 */
export function splitValidation<T extends Row>(
  rows: Dataset<T>,
  { vendor, share, seed }: ValidationOptions,
): { readonly train: Dataset<T>; readonly validation: Dataset<T> } {
  const { train: others, test: own } = holdOutVendor(rows, vendor)
  if (share === 1) return { train: others, validation: own }
  const { train, validation } = splitByGroup(
    own,
    { train: 'rest', validation: share },
    { groupBy: ({ base }) => base, rng: new Rng(seed) },
  )
  return { train: others.concat(train), validation }
}

/** How many skin tones are held out. */
export interface ToneOptions {
  /** Tones of each emoji that the test part gets, 1 to 4. Default 1. */
  readonly count?: number
  readonly seed: number
}

/**
 * Holds out combinations: of each emoji that is drawn with skin tones, `count` tones at random go to the test part, of
 * all vendors. Every noun and every tone is trained on; these pairs are not. Rows without a skin tone stay in training.
 * Rows with two tones go by the first.
 */
export function holdOutTones<T extends Row>(
  rows: Dataset<T>,
  { count = 1, seed }: ToneOptions,
): { readonly train: Dataset<T>; readonly test: Dataset<T> } {
  if (!Number.isInteger(count) || count < 1 || count > 4) {
    throw new CommandError(`expected 1 to 4 skin tones to hold out, got ${count}`)
  }
  const rng = new Rng(seed)
  const heldOut = new Map<string, ReadonlySet<number>>()
  for (const { base, tones } of rows) {
    if (tones.length === 0 || heldOut.has(base)) continue
    heldOut.set(base, new Set(rng.permutation(5).slice(0, count).map((tone) => tone + 1)))
  }
  const held = ({ base, tones }: T) => tones.length > 0 && heldOut.get(base)?.has(tones[0]) === true
  return { train: rows.filter((row) => !held(row)), test: rows.filter(held) }
}
