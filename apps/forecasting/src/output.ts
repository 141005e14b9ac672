// What the user sees: results on standard output, everything else on standard error.
import { formatPercent } from '@ostinato/report'
import type { JudgedModel } from './judge.ts'

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** The table of models, baselines first among equals: by MASE. */
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
  for (const { name, mean, spread, seconds, baseline } of models.toSorted((a, b) => a.mean.mase - b.mean.mase)) {
    line([
      baseline ? name : `* ${name}`,
      mean.mase.toFixed(3),
      spread.mase.toFixed(3),
      formatPercent(mean.coverage80),
      formatPercent(mean.coverage95),
      formatPercent(mean.direction),
      mean.crps.toPrecision(4),
      seconds.toFixed(1),
    ])
  }
  print('* a recurrent network; the others are baselines')
}
