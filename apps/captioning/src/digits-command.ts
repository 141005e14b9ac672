// What `captioning --task digits` does, with options that have been read.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatDuration, formatPercent } from '@ostinato/report'
import { interruptible, writeWhole } from '@ostinato/train/node'
import { trainDigits, type DigitModelName, type DigitsResult, type DigitsSettings } from './digits.ts'
import { digitsReport } from './digits-report.ts'
import { print, say } from './output.ts'
import { files } from './settings.ts'

/** The options of the task. */
export interface DigitsFlags extends DigitsSettings {
  readonly folder: string
  readonly json: boolean
}

/** The line that `--json` prints, also kept in the run's folder. */
export interface DigitsSummary {
  readonly app: 'captioning'
  readonly task: 'digits'
  /** Of the convolutional network, on the test part. */
  readonly accuracy: number
  readonly baselines: Readonly<Record<Exclude<DigitModelName, 'convolutional'>, number>>
  readonly seconds: number
  readonly seed: number
}

/** Trains the three models, compares and reports. */
export async function runDigits({ folder, json, seed, epochs, limit }: DigitsFlags): Promise<void> {
  await mkdir(folder, { recursive: true })
  const notice = () => {
    say('stopping after this step')
  }
  const result = await interruptible(notice, (signal) => trainDigits({ seed, epochs, limit }, { signal, say }))
  if (result === undefined) {
    say('interrupted: nothing is kept of a run this short; start it again with the same command')
    process.exitCode = 130
    return
  }
  const summary = summaryOf(result)
  const report = join(folder, files.report)
  await writeWhole(report, digitsReport(result))
  await writeWhole(join(folder, files.summary), JSON.stringify(summary))
  printTable(result)
  print(`took ${formatDuration(result.seconds)}; report: ${report}`)
  if (json) print(JSON.stringify(summary))
}

function summaryOf({ models, seconds, settings: { seed } }: DigitsResult): DigitsSummary {
  const { perceptron, multilayerPerceptron, convolutional } = models
  return {
    app: 'captioning',
    task: 'digits',
    accuracy: convolutional.scores.accuracy,
    baselines: {
      perceptron: perceptron.scores.accuracy,
      multilayerPerceptron: multilayerPerceptron.scores.accuracy,
    },
    seconds,
    seed,
  }
}

function printTable({ models, counts }: DigitsResult): void {
  print(`${counts.test} digits never seen:`)
  const line = (cells: readonly string[]) => {
    print(cells.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(14))).join(''))
  }
  line(['', 'parameters', 'test accuracy', 'seconds'])
  for (const { name, parameters, scores, seconds } of Object.values(models)) {
    line([name, parameters.toLocaleString('en'), formatPercent(scores.accuracy), seconds.toFixed(1)])
  }
}
