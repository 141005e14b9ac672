// A training run in the terminal: a bar that moves, or plain lines where nothing can move. Passes the events on unchanged.
import { createLogUpdate } from 'log-update'
import type { EpochEvent, Scores, StartEvent, StepEvent, TrainingEvent } from '@ostinato/train'
import { formatCount, formatDuration } from '../format.ts'

/** Where and how progress is shown. */
export interface ProgressOptions {
  /** Default: standard error, so that standard output holds results alone. */
  readonly stream?: NodeJS.WriteStream
  /** Redraw one line. Default: whether the stream is a terminal. */
  readonly interactive?: boolean
  /** Without a terminal: seconds between two lines within an epoch. Default 15. */
  readonly interval?: number
}

/**
 * Shows the events of `fit` as they pass by: epoch, loss and metrics, tokens a second, time left.
 *
 * @example
 * ```ts
 * import { showProgress } from '@ostinato/report/terminal'
 * import type { TrainingEvent } from '@ostinato/train'
 * async function* run(): AsyncGenerator<TrainingEvent> {
 *   yield { type: 'start', epochs: 1, stepsPerEpoch: 1, parameters: 10, history: [] }
 * }
 * const seen: string[] = []
 * for await (const event of showProgress(run(), { interactive: false })) seen.push(event.type)
 * console.assert(seen.join() === 'start')
 * ```
 */
export async function* showProgress(events: AsyncIterable<TrainingEvent>, options: ProgressOptions = {}): AsyncGenerator<TrainingEvent> {
  const { stream = process.stderr, interactive = stream.isTTY, interval = 15 } = options
  const redraw = createLogUpdate(stream)
  const line = (text: string) => {
    if (interactive) redraw.clear()
    stream.write(`${text}\n`)
  }
  let rate = new Rate({ epochs: 0, stepsPerEpoch: 0 })
  let shown = performance.now()
  try {
    for await (const event of events) {
      switch (event.type) {
        case 'start':
          rate = new Rate(event)
          line(describeStart(event))
          break
        case 'step':
          rate.add(event)
          if (performance.now() - shown >= (interactive ? 100 : interval * 1000)) {
            shown = performance.now()
            const text = describeStep(event, rate)
            if (interactive) redraw(text)
            else line(text)
          }
          break
        case 'epoch':
          line(describeEpoch(event, rate))
          break
        case 'checkpoint':
          break
        case 'stop':
          line(`stopped: ${reasons[event.reason]} after ${event.epochs} epochs; best epoch ${event.bestEpoch}`)
      }
      yield event
    }
  } finally {
    if (interactive) redraw.clear()
  }
}

const reasons = { finished: 'all epochs done', early: 'no further improvement', aborted: 'interrupted' } as const

/** Speed over the last steps, and what it says about the time left. */
class Rate {
  readonly #recent: { readonly tokens: number; readonly seconds: number }[] = []

  constructor(readonly plan: Pick<StartEvent, 'epochs' | 'stepsPerEpoch'>) {}

  add({ tokens, seconds }: StepEvent): void {
    this.#recent.push({ tokens, seconds })
    if (this.#recent.length > 100) this.#recent.shift()
  }

  get tokensPerSecond(): number {
    return this.#sum('tokens') / this.#sum('seconds')
  }

  secondsLeft({ epoch, step }: StepEvent): number {
    const steps = (this.plan.epochs - epoch + 1) * this.plan.stepsPerEpoch - step
    return (steps * this.#sum('seconds')) / this.#recent.length
  }

  #sum(key: 'tokens' | 'seconds'): number {
    return this.#recent.reduce((total, step) => total + step[key], 0)
  }
}

function describeStart({ epochs, stepsPerEpoch, parameters, resumed }: StartEvent): string {
  const plan = `training ${formatCount(parameters)} parameters for ${epochs} epochs of ${stepsPerEpoch} steps`
  return resumed === undefined ? plan : `${plan}, from epoch ${resumed.epoch}, step ${resumed.step}`
}

function describeStep(event: StepEvent, rate: Rate): string {
  const bar = drawBar(event.step / event.stepsPerEpoch, 24)
  return [
    `epoch ${event.epoch}/${rate.plan.epochs} ${bar} ${event.step}/${event.stepsPerEpoch}`,
    describeScores(event.average),
    `${formatCount(rate.tokensPerSecond)} tokens/s`,
    `${formatDuration(rate.secondsLeft(event))} left`,
  ].join('  ')
}

function describeEpoch({ epoch, train, validation, best, seconds }: EpochEvent, rate: Rate): string {
  const parts = [`epoch ${epoch}/${rate.plan.epochs}`, describeScores(train)]
  if (validation !== undefined) parts.push(`validation ${describeScores(validation)}`)
  return [...parts, formatDuration(seconds), ...(best ? ['best so far'] : [])].join('  ')
}

const describeScores = (scores: Scores) => Object.entries(scores).map(([name, value]) => `${name} ${value.toFixed(4)}`).join('  ')

/** A bar of `width` characters, `share` of them filled. */
function drawBar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width)
  return '━'.repeat(filled) + '─'.repeat(width - filled)
}
