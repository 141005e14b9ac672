// What every search takes: where it starts, where it ends, what must not come out. Checked here, all at once.
import { isTensor, ShapeError, type Tensor } from '@ostinato/tensor'
import { rowsOf, type StateTree } from './state-tree.ts'

/** What every search is told. */
export interface DecodingOptions<S extends StateTree> {
  /** The state before the first step, every tensor `[rows, …]`. */
  readonly state: S
  /** The number of rows, where the state holds no tensor and `start` is one token. */
  readonly rows?: number
  /** The token that the first step is given: one for all rows, or one a row. It is no part of the result. */
  readonly start: number | readonly number[] | Int32Array | Tensor<'int32'>
  /** The token that ends a row; it is no part of the result. Absent: rows go on to `maxLength`. */
  readonly end?: number
  /** The most steps, and so the most tokens of a row, the end token among them. */
  readonly maxLength: number
  /** The fewest tokens of a row before its end token may come. Default 0. */
  readonly minLength?: number
  /** Tokens that never come out, such as those for padding and for the unknown. */
  readonly forbidden?: readonly number[]
  /**
   * No run of this many tokens comes twice in a row's result: a token that would complete one is forbidden (Paulus et
   * al. 2018, "A deep reinforced model for abstractive summarization", §2.5, where it is 3). 1 forbids every repeated
   * token. The start token does not count.
   */
  readonly noRepeatNgram?: number
}

/** Options with their defaults filled in. */
export interface Plan {
  readonly where: string
  /** The first token of each row. */
  readonly start: Int32Array
  /** -1: no token ends a row. */
  readonly end: number
  readonly maxLength: number
  readonly minLength: number
  readonly forbidden: readonly number[]
  readonly noRepeatNgram: number | undefined
}

/** Throws one `RangeError` with all `faults`, if there are any. */
export function throwFaults(where: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new RangeError(new ShapeError(where, faults).message)
}

/** A fault unless `value` is an integer from `least` to `most`. */
export function integerFault(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): string[] {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return []
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`
  return [`expected ${name} to be an integer ${range}, got ${value}`]
}

const LARGEST_ID = 2 ** 31 - 1

/**
 * Reads the options of the search `where`.
 *
 * @param more the faults that the search found in its own options, and whether it may go on without end
 * @throws ShapeError when the tensors of the state differ in their rows
 * @throws RangeError with everything that is wrong
 */
export function readOptions<S extends StateTree>(
  where: string,
  options: DecodingOptions<S>,
  { own = [], endless = false }: { readonly own?: readonly string[]; readonly endless?: boolean } = {},
): Plan {
  const { end, maxLength, minLength = 0, forbidden = [], noRepeatNgram } = options
  const { rows, start, faults } = readStart(where, options)
  if (!endless || maxLength !== Infinity) faults.push(...integerFault('maxLength', maxLength, 1))
  faults.push(...integerFault('minLength', minLength, 0))
  if (minLength > maxLength) faults.push(`expected minLength of at most maxLength ${maxLength}, got ${minLength}`)
  if (noRepeatNgram !== undefined) faults.push(...integerFault('noRepeatNgram', noRepeatNgram, 1))
  if (end !== undefined) faults.push(...integerFault('end', end, 0, LARGEST_ID))
  faults.push(...forbidden.flatMap((token, i) => integerFault(`forbidden[${i}]`, token, 0, LARGEST_ID)))
  if (end !== undefined && forbidden.includes(end)) {
    faults.push(`expected forbidden tokens without the end token ${end}: leave 'end' out and rows go on to maxLength`)
  }
  faults.push(...own)
  throwFaults(where, faults)
  const first = typeof start === 'number' ? new Int32Array(rows).fill(start) : Int32Array.from(start)
  return { where, start: first, end: end ?? -1, maxLength, minLength, forbidden, noRepeatNgram }
}

/** The number of rows, which the state, the start tokens and `rows` must agree on. */
function readStart<S extends StateTree>(where: string, { state, rows: asked, start }: DecodingOptions<S>) {
  const faults: string[] = []
  const inState = rowsOf(state, where)
  const tokens = isTensor(start) ? start.data : start
  const given = typeof tokens === 'number' ? [tokens] : Array.from(tokens)
  const bad = given.findIndex((token) => integerFault('', token, 0, LARGEST_ID).length > 0)
  if (bad >= 0) faults.push(`expected start tokens from 0 to ${LARGEST_ID}, got ${given[bad]} at ${bad}`)
  if (asked !== undefined) faults.push(...integerFault('rows', asked, 0))
  const rows = inState ?? asked ?? (typeof tokens === 'number' ? undefined : tokens.length)
  if (rows === undefined) faults.push('expected the number of rows, for the state holds no tensor: pass { rows }')
  if (inState !== undefined && asked !== undefined && inState !== asked) {
    faults.push(`expected a state of ${asked} rows, got ${inState}`)
  }
  if (rows !== undefined && typeof tokens !== 'number' && tokens.length !== rows) {
    faults.push(`expected one start token for each of ${rows} rows, got ${tokens.length}`)
  }
  return { rows: rows ?? 0, start: tokens, faults }
}
