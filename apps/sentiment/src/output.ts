// What the user sees: results on standard output, everything else on standard error.
import { formatPercent } from '@ostinato/report'
import type { ClassificationScores } from '@ostinato/train'
import { classes } from './predict.ts'

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

export function printScores({ accuracy, classes: scores, confusion, macro }: ClassificationScores): void {
  print(`test accuracy ${formatPercent(accuracy)}, F1 ${macro.f1.toFixed(4)} (mean of the classes)`)
  scores.forEach(({ precision, recall, f1, support }, i) => {
    const ratios = `precision ${precision.toFixed(4)}  recall ${recall.toFixed(4)}  F1 ${f1.toFixed(4)}`
    print(`  ${classes[i].padEnd(9)} ${ratios}  of ${support}`)
  })
  const rows = confusion.map((row, i) => `${classes[i]} [${row.join(', ')}]`)
  print(`  confusion (rows true, columns predicted): ${rows.join('  ')}`)
}
