// Cuts the steps of a sequence into blocks, so that the gates of a block are still in the second-level cache when the
// next loop or product needs them. Not here: the work on a block.
import type { Plan } from '../plan.ts'

/** Elements of the gates of a block at most: 256 KB. */
const ELEMENTS = 65_536
/** But this many rows: fewer would have the weights come from memory too often, more let threads wait in the end. */
const ROWS = 128

/** Steps from `begin` to `end`, and the packed rows that they have. */
export interface Block {
  readonly begin: number
  readonly end: number
  readonly first: number
  readonly rows: number
}

/** The steps of a block one by one, the last first. */
export function* stepsBack({ begin, end }: Pick<Block, 'begin' | 'end'>): Generator<Pick<Block, 'begin' | 'end'>> {
  for (let t = end - 1; t >= begin; t -= 1) yield { begin: t, end: t + 1 }
}

/** Blocks of whole steps, one at least in each; a row has `width` gates. */
export function blocksOf({ steps, rows, offsets }: Plan, width: number): Block[] {
  const most = Math.max(ROWS, Math.floor(ELEMENTS / width))
  if (steps > 0 && rows <= most) return [{ begin: 0, end: steps, first: 0, rows }]
  const start = (t: number): number => (t < steps ? offsets[t] : rows)
  const blocks: Block[] = []
  let begin = 0
  for (let t = 1; t <= steps; t += 1) {
    if (t < steps && start(t + 1) - start(begin) <= most) continue
    blocks.push({ begin, end: t, first: start(begin), rows: start(t) - start(begin) })
    begin = t
  }
  return blocks
}
