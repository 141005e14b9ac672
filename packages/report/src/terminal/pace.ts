// How fast a run goes, and when it will be done at that pace. It shows nothing.
import type { StartEvent, StepEvent } from '@ostinato/train'

/** How many steps the pace is a mean of. */
const span = 100

/** Measures the time between the events that it is told of. */
export class Pace {
  readonly #recent: { readonly tokens: number | undefined; readonly seconds: number; readonly elapsed: number }[] = []
  readonly #epochs: number
  #last = performance.now()
  #validation = 0

  constructor({ epochs }: Pick<StartEvent, 'epochs'>) {
    this.#epochs = epochs
  }

  step({ tokens, seconds }: Pick<StepEvent, 'tokens' | 'seconds'>): void {
    this.#recent.push({ tokens, seconds, elapsed: this.#elapsed() })
    if (this.#recent.length > span) this.#recent.shift()
  }

  /** Told after validation: what has passed since the last step is what each epoch takes beside its steps. */
  epoch(): void {
    this.#validation = this.#elapsed()
  }

  /** Tokens a second within the steps; undefined where they are not counted. */
  get tokensPerSecond(): number | undefined {
    const known = this.#recent.filter(({ tokens }) => tokens !== undefined)
    const rate = sum(known.map(({ tokens = 0 }) => tokens)) / sum(known.map(({ seconds }) => seconds))
    return Number.isFinite(rate) ? rate : undefined
  }

  /** Seconds until the last epoch is done, validation included as soon as one has been measured. */
  secondsLeft({ epoch, step, stepsPerEpoch }: Pick<StepEvent, 'epoch' | 'step' | 'stepsPerEpoch'>): number {
    const epochs = this.#epochs - epoch + 1
    const perStep = sum(this.#recent.map(({ elapsed }) => elapsed)) / this.#recent.length
    return (epochs * stepsPerEpoch - step) * perStep + epochs * this.#validation
  }

  /** Seconds since it was last asked. */
  #elapsed(): number {
    const now = performance.now()
    const elapsed = (now - this.#last) / 1000
    this.#last = now
    return elapsed
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
