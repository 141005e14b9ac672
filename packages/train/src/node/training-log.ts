// What a run has gone through, for its report: kept beside the checkpoint, so that a resumed run reports all of it.
import { readFile } from 'node:fs/promises'
import type { GradientFlowEvent, TrainingEvent } from '../events.ts'
import type { Scores } from '../outcome.ts'
import type { EpochRecord } from '../progress.ts'
import { writeWhole } from './write-whole.ts'

/** Means over the last batches at one moment. */
export interface LogPoint {
  /** In epochs: 1.5 is the middle of the second. */
  readonly epoch: number
  readonly scores: Scores
}

/** The gradient that reached the steps of the recurrent layers at one training step. */
export type LogFlow = Pick<GradientFlowEvent, 'totalSteps' | 'layers'>

interface LogData {
  readonly points: readonly LogPoint[]
  readonly flows: readonly LogFlow[]
  readonly examples: number
  readonly tokens: number
  readonly trainingSeconds: number
  readonly seconds: number
}

const nothing: LogData = { points: [], flows: [], examples: 0, tokens: 0, trainingSeconds: 0, seconds: 0 }

/** How many batches a mean is over, and how far points lie apart. */
const [span, every] = [20, 10]

/**
 * The course of a training run. `follow` takes in a whole run; or give it the events as they come, and save it where
 * the checkpoint is saved.
 *
 * @example
 * ```ts
 * import { TrainingLog } from '@ostinato/train/node'
 * const log = new TrainingLog()
 * // const epochs = await log.follow(fit({ … }), 'runs/latest/log.json')
 * console.assert(log.points.length === 0 && log.seconds >= 0)
 * ```
 */
export class TrainingLog {
  readonly #points: LogPoint[]
  readonly #flows: LogFlow[]
  readonly #recent: Scores[] = []
  readonly #before: number
  readonly #started = performance.now()
  #examples: number
  #tokens: number
  #trainingSeconds: number

  constructor({ points, flows, examples, tokens, trainingSeconds, seconds }: LogData = nothing) {
    this.#points = [...points]
    this.#flows = [...flows]
    this.#examples = examples
    this.#tokens = tokens
    this.#trainingSeconds = trainingSeconds
    this.#before = seconds
  }

  /**
   * The log of an interrupted run; an empty one where there is none.
   * @throws Error when the file holds something else
   */
  static async load(path: string): Promise<TrainingLog> {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text === undefined) return new TrainingLog()
    try {
      return new TrainingLog(JSON.parse(text) as LogData)
    } catch (cause) {
      throw new Error(`TrainingLog.load: expected the log of a run in ${path}, got something else: remove it`, {
        cause,
      })
    }
  }

  /**
   * Takes in an event. Every tenth step makes a point, the mean over the last twenty; of a gradient's norms three
   * figures are kept. Other events leave no trace.
   */
  add(event: TrainingEvent): void {
    if (event.type === 'gradientFlow') {
      const { totalSteps, layers } = event
      const rounded = (norm: number) => Number(norm.toPrecision(3))
      this.#flows.push({ totalSteps, layers: layers.map((layer) => ({ ...layer, norms: layer.norms.map(rounded) })) })
    }
    if (event.type !== 'step') return
    const { epoch, step, stepsPerEpoch, totalSteps, scores, count, tokens = 0, seconds } = event
    this.#examples += count
    this.#tokens += tokens
    this.#trainingSeconds += seconds
    this.#recent.push(scores)
    if (this.#recent.length > span) this.#recent.shift()
    if (totalSteps % every === 0)
      this.#points.push({ epoch: epoch - 1 + step / stepsPerEpoch, scores: meanOf(this.#recent) })
  }

  /**
   * Takes in all events of a run, and saves the log at `path` with every checkpoint.
   * @returns the epochs that were finished, before an interruption too; undefined when the run was aborted
   */
  async follow(events: AsyncIterable<TrainingEvent>, path: string): Promise<readonly EpochRecord[] | undefined> {
    const epochs: EpochRecord[] = []
    for await (const event of events) {
      this.add(event)
      if (event.type === 'start') epochs.push(...event.history)
      else if (event.type === 'epoch') epochs.push(event)
      else if (event.type === 'checkpoint') await this.save(path)
      else if (event.type === 'stop' && event.reason === 'aborted') return undefined
    }
    return epochs
  }

  /** The points so far, those before an interruption too. */
  get points(): readonly LogPoint[] {
    return this.#points
  }

  /** The flows of gradients so far, where the run tells them. */
  get flows(): readonly LogFlow[] {
    return this.#flows
  }

  /** Of training alone. */
  get tokensPerSecond(): number {
    return this.#tokens / this.#trainingSeconds
  }

  /** Of training alone; an example is what `step` counts. */
  get examplesPerSecond(): number {
    return this.#examples / this.#trainingSeconds
  }

  /** All the time spent on this run, interruptions left out. */
  get seconds(): number {
    return this.#before + (performance.now() - this.#started) / 1000
  }

  /** Writes the log whole or not at all. */
  async save(path: string): Promise<void> {
    const data: LogData = {
      points: this.#points,
      flows: this.#flows,
      examples: this.#examples,
      tokens: this.#tokens,
      trainingSeconds: this.#trainingSeconds,
      seconds: this.seconds,
    }
    await writeWhole(path, JSON.stringify(data))
  }
}

function meanOf(all: readonly Scores[]): Scores {
  const mean = (name: string) => all.reduce((sum, scores) => sum + scores[name], 0) / all.length
  return { loss: mean('loss'), ...Object.fromEntries(Object.keys(all[0]).map((name) => [name, mean(name)])) }
}
