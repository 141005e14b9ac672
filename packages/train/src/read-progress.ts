// Reads the progress of a run from the JSON of a checkpoint, which may be anything: every fault is noted with its
// place.
import { exactNumber } from './exact-json.ts'
import type { AveragesState, Scores } from './outcome.ts'
import type { EpochRecord, Progress } from './progress.ts'

type Json = Readonly<Record<string, unknown>>

/** The progress that `value` holds; undefined when there is a fault, which is then added to `faults`. */
export function readProgress(value: unknown, faults: string[]): Progress | undefined {
  const reader = new Reader()
  const root = reader.object('progress', value)
  const history = reader.list('progress.history', root['history']).map((record, i) => reader.epoch(i + 1, record))
  const epoch = reader.whole('progress.epoch', root['epoch'])
  const stepsPerEpoch = reader.whole('progress.stepsPerEpoch', root['stepsPerEpoch'])
  const best = reader.object('progress.best', root['best'])
  const progress: Progress = {
    epoch,
    step: reader.whole('progress.step', root['step'], stepsPerEpoch),
    totalSteps: reader.whole('progress.totalSteps', root['totalSteps']),
    stepsPerEpoch,
    averages: reader.averages('progress.averages', root['averages']),
    seconds: reader.amount('progress.seconds', root['seconds']),
    best: {
      score: reader.number('progress.best.score', best['score']),
      epoch: reader.whole('progress.best.epoch', best['epoch'], epoch),
    },
    epochsWithoutImprovement: reader.whole('progress.epochsWithoutImprovement', root['epochsWithoutImprovement'], epoch),
    history,
  }
  if (reader.faults.length === 0) reader.faults.push(...contradictions(progress))
  for (const fault of reader.faults) faults.push(fault)
  return reader.faults.length === 0 ? progress : undefined
}

function contradictions({ epoch, step, totalSteps, stepsPerEpoch, history }: Progress): string[] {
  const faults: string[] = []
  if (history.length !== epoch) {
    faults.push(`progress.history: expected one entry for each of ${epoch} epochs, got ${history.length}`)
  }
  const steps = epoch * stepsPerEpoch + step
  if (totalSteps !== steps) {
    faults.push(`progress.totalSteps: expected ${steps} after ${epoch} epochs of ${stepsPerEpoch} and ${step} more, got ${totalSteps}`)
  }
  return faults
}

class Reader {
  readonly faults: string[] = []

  object(place: string, value: unknown): Json {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
    return this.#fault(place, 'an object', value, {})
  }

  list(place: string, value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : this.#fault(place, 'a list', value, [])
  }

  number(place: string, value: unknown): number {
    return exactNumber(value) ?? this.#fault(place, 'a number', value, NaN)
  }

  amount(place: string, value: unknown): number {
    if (typeof value === 'number' && value >= 0 && value < Infinity) return value
    return this.#fault(place, 'a finite number of 0 or more', value, 0)
  }

  whole(place: string, value: unknown, most = Number.MAX_SAFE_INTEGER): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most) return value
    const limit = most === Number.MAX_SAFE_INTEGER ? 'of 0 or more' : `from 0 to ${most}`
    return this.#fault(place, `an integer ${limit}`, value, 0)
  }

  scores(place: string, value: unknown): Scores {
    const entries = Object.entries(this.object(place, value))
    const scores = Object.fromEntries(entries.map(([name, score]) => [name, this.number(`${place}.${name}`, score)]))
    return { ...scores, loss: scores['loss'] ?? this.#fault(`${place}.loss`, 'a number', undefined, NaN) }
  }

  averages(place: string, value: unknown): AveragesState {
    const entries = Object.entries(this.object(place, value))
    return Object.fromEntries(entries.map(([name, sum]) => {
      const inner = `${place}.${name}`
      const { total, count } = this.object(inner, sum)
      return [name, { total: this.number(`${inner}.total`, total), count: this.amount(`${inner}.count`, count) }]
    }))
  }

  epoch(number: number, value: unknown): EpochRecord {
    const place = `progress.history[${number - 1}]`
    const { epoch, train, validation, seconds } = this.object(place, value)
    if (epoch !== number) this.#fault(`${place}.epoch`, String(number), epoch, 0)
    return {
      epoch: number,
      train: this.scores(`${place}.train`, train),
      ...(validation !== undefined && { validation: this.scores(`${place}.validation`, validation) }),
      seconds: this.amount(`${place}.seconds`, seconds),
    }
  }

  #fault<T>(place: string, expected: string, value: unknown, substitute: T): T {
    const got = value === undefined ? 'none' : JSON.stringify(value)
    this.faults.push(`${place}: expected ${expected}, got ${got.length > 60 ? `${got.slice(0, 57)}...` : got}`)
    return substitute
  }
}
