// What the user sees: results on standard output, everything else on standard error.
import type { Spread } from '@ostinato/forecasting'
import { formatPercent } from '@ostinato/report'
import { byMase, type JudgedModel } from './judge.ts'

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** A share over folds, in percent; a dash where there is none. */
export const formatShare = (share: Spread | undefined): string => (share ? formatPercent(share.mean) : '–')

/** The table of models, the best first. */
export function printModels(models: readonly JudgedModel[]): void {
  const columns = ['', 'MASE', '± folds', 'coverage 80 %', 'coverage 95 %', 'direction', 'CRPS', 'seconds']
  const line = (cells: readonly string[]) => {
    print(
      cells
        .map((cell, i) => (i === 0 ? cell.padEnd(17) : cell.padStart(14)))
        .join('')
        .trimEnd(),
    )
  }
  line(columns)
  for (const { name, scores, seconds, baseline } of byMase(models)) {
    line([
      baseline ? name : `* ${name}`,
      scores.mase.mean.toFixed(3),
      scores.mase.deviation.toFixed(3),
      formatShare(scores.conformalCoverage80),
      formatShare(scores.conformalCoverage95),
      formatShare(scores.directionalAccuracy),
      scores.crps.mean.toPrecision(4),
      seconds.toFixed(1),
    ])
  }
  print('* a recurrent network; the others are baselines')
}
