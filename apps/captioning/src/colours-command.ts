// What `captioning --task colours` does, with options that have been read.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatDuration, formatPercent } from '@ostinato/report'
import { interruptible, writeWhole } from '@ostinato/train/node'
import { colourBatch, loadColourNamer, saveColourNamer } from './colour-namer.ts'
import { parseHex } from './colour-space.ts'
import { beamWidth, colourBaselines, trainColours, type ColoursResult, type ColoursSettings, type NameScores } from './colours.ts'
import { coloursReport } from './colours-report.ts'
import { print, say } from './output.ts'
import { files } from './settings.ts'
import { textOf } from './words.ts'

interface CommonFlags {
  readonly folder: string
  readonly json: boolean
}

/** The line that `--json` prints, also kept in the run's folder. */
export interface ColoursSummary extends NameScores {
  readonly app: 'captioning'
  readonly task: 'colours'
  readonly decoder: ColoursSettings['decoder']
  readonly crossEntropy: number
  readonly baselines: ColoursResult['baselines']
  readonly colours: number
  readonly seconds: number
  readonly seed: number
}

/** Trains, judges and reports. */
export async function runColours({ folder, json, ...settings }: ColoursSettings & CommonFlags): Promise<void> {
  await mkdir(folder, { recursive: true })
  const notice = () => {
    say('stopping after this step')
  }
  const result = await interruptible(notice, (signal) => trainColours(settings, { signal, say }))
  if (result === undefined) {
    say('interrupted: nothing is kept of a run this short; start it again with the same command')
    process.exitCode = 130
    return
  }
  const summary = summaryOf(result)
  const report = join(folder, files.report)
  await saveColourNamer(join(folder, files.model), result)
  await writeWhole(report, coloursReport(result))
  await writeWhole(join(folder, files.summary), JSON.stringify(summary))
  printResult(result)
  print(`took ${formatDuration(result.seconds)}; report: ${report}`)
  if (json) print(JSON.stringify(summary))
}

/** Names a colour. */
export async function describeColour(text: string, { folder, json }: CommonFlags): Promise<void> {
  const colour = parseHex(text)
  const { model, vocabulary } = await loadColourNamer(join(folder, files.model))
  const [best] = model.name(colourBatch([colour]), { width: beamWidth })
  const words = best.tokens.map((id) => vocabulary.token(id))
  const [caption, probability] = [textOf(words, 'en'), Math.exp(best.logProbability)]
  print(`${caption} (probability ${formatPercent(probability)})`)
  if (json) print(JSON.stringify({ app: 'captioning', task: 'colours', colour: text, caption, probability }))
}

function summaryOf({ settings, scores, baselines, counts, seconds }: ColoursResult): ColoursSummary {
  const { exactMatch, tokenF1, crossEntropy } = scores
  const { decoder, seed } = settings
  return {
    app: 'captioning', task: 'colours', decoder, exactMatch, tokenF1, crossEntropy, baselines,
    colours: counts.test, seconds, seed,
  }
}

function printResult({ counts, scores, baselines, named, known }: ColoursResult): void {
  const line = (name: string, { exactMatch, tokenF1 }: NameScores) => {
    print(`${name.padEnd(20)} exact match ${formatPercent(exactMatch).padStart(6)}  token F1 ${tokenF1.toFixed(3)}`)
  }
  print(`${counts.test} colours never seen:`)
  line('the network', scores)
  line(colourBaselines.mostFrequent, baselines.mostFrequent)
  line(colourBaselines.nearestColour, baselines.nearestColour)
  print(`cross-entropy of the network: ${scores.crossEntropy.toFixed(3)} nats a word`)
  print(`${formatPercent(1 - known)} of the true names never occur in training: only composing finds them`)
  const every = Math.max(1, Math.floor(named.length / 5))
  for (const { row, words, samples } of named.filter((_, i) => i % every === Math.floor(every / 2)).slice(0, 5)) {
    const drawn = samples.map((sample) => textOf(sample, 'en')).join(', ')
    print(`  ${row.hex}  ${row.caption}: "${textOf(words, 'en')}"; sampled: ${drawn}`)
  }
}
