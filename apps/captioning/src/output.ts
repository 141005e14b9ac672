// What the user sees: results on standard output, everything else on standard error.
import { formatPercent } from '@ostinato/report'
import type { CaptionScores } from './judge.ts'

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Tells how far something has come: in a terminal in one line that changes, otherwise every tenth of the way. */
export function progressTeller(): (what: string, done: number, total: number) => void {
  let last = ''
  return (what, done, total) => {
    const share = Math.floor((10 * done) / total) * 10
    if (process.stderr.isTTY) {
      process.stderr.write(`\r${what} ${done} of ${total} pictures${done === total ? '\n' : ''}`)
    } else if (last !== `${what} ${share}`) {
      say(`${what}: ${share} % of ${total} pictures`)
    }
    last = `${what} ${share}`
  }
}

/** A row of the table of scores. */
export function scoreLine(name: string, { exactMatch, tokenF1, bleu, cider }: CaptionScores): string {
  const figures = [
    `exact match ${formatPercent(exactMatch)}`,
    `token F1 ${tokenF1.toFixed(3)}`,
    `BLEU-1..4 ${bleu.map((score) => score.toFixed(3)).join(' ')}`,
    `CIDEr ${cider.toFixed(2)}`,
  ]
  return `${name.padEnd(28)} ${figures.join('  ')}`
}
