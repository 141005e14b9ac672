// What a run has gone through, for its report: kept beside the checkpoint, so that a resumed run reports all of it.
import { readFile } from 'node:fs/promises'
import type { GradientFlowEvent, StepEvent } from '@ostinato/train'
import { writeWhole } from '@ostinato/train/node'

/** Means over the last batches at one moment; `x` in epochs. */
export interface LogPoint {
  readonly x: number
  readonly loss: number
  readonly accuracy: number
}

/** The gradient that reached the steps of the recurrent layers at one training step. */
export type LogFlow = Pick<GradientFlowEvent, 'totalSteps' | 'layers'>

interface LogData {
  readonly points: readonly LogPoint[]
  /** Absent in the log of a run that did not observe them. */
  readonly flows?: readonly LogFlow[]
  readonly tokens: number
  readonly trainingSeconds: number
  readonly seconds: number
}

/** How many batches a mean is over, and how far points lie apart. */
const [span, every] = [20, 10]

export class RunLog {
  readonly #points: LogPoint[]
  readonly #flows: LogFlow[]
  readonly #recent: { readonly loss: number; readonly accuracy: number }[] = []
  readonly #before: number
  readonly #started = performance.now()
  #tokens: number
  #trainingSeconds: number

  constructor(
    { points, flows = [], tokens, trainingSeconds, seconds }: LogData = {
      points: [],
      tokens: 0,
      trainingSeconds: 0,
      seconds: 0,
    },
  ) {
    this.#points = [...points]
    this.#flows = [...flows]
    this.#tokens = tokens
    this.#trainingSeconds = trainingSeconds
    this.#before = seconds
  }

  /** The log of an interrupted run; an empty one where there is none. */
  static async load(path: string): Promise<RunLog> {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    return text === undefined ? new RunLog() : new RunLog(JSON.parse(text) as LogData)
  }

  add({ epoch, step, stepsPerEpoch, scores, tokens = 0, seconds }: StepEvent): void {
    this.#tokens += tokens
    this.#trainingSeconds += seconds
    this.#recent.push({ loss: scores.loss, accuracy: scores['accuracy'] })
    if (this.#recent.length > span) this.#recent.shift()
    if (step % every !== 0) return
    const mean = (key: 'loss' | 'accuracy') =>
      this.#recent.reduce((sum, batch) => sum + batch[key], 0) / this.#recent.length
    this.#points.push({ x: epoch - 1 + step / stepsPerEpoch, loss: mean('loss'), accuracy: mean('accuracy') })
  }

  /** Keeps three figures of each norm: enough for a picture. */
  addFlow({ totalSteps, layers }: GradientFlowEvent): void {
    const rounded = (norm: number) => Number(norm.toPrecision(3))
    this.#flows.push({ totalSteps, layers: layers.map((layer) => ({ ...layer, norms: layer.norms.map(rounded) })) })
  }

  /** In the order of the steps. */
  get flows(): readonly LogFlow[] {
    return this.#flows
  }

  get points(): readonly LogPoint[] {
    return this.#points
  }

  get tokensPerSecond(): number {
    return this.#tokens / this.#trainingSeconds
  }

  /** All the time spent on this run, interruptions left out. */
  get seconds(): number {
    return this.#before + (performance.now() - this.#started) / 1000
  }

  async save(path: string): Promise<void> {
    const data: LogData = {
      points: this.#points,
      flows: this.#flows,
      tokens: this.#tokens,
      trainingSeconds: this.#trainingSeconds,
      seconds: this.seconds,
    }
    await writeWhole(path, JSON.stringify(data))
  }
}
