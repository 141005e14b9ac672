// One hypothesis a row, step by step: what greedy search and sampling share. Which token is taken is theirs to say.
import { withRecorder } from '@ostinato/tensor'
import type { Plan } from './options.ts'
import { gatherRows, type StateTree } from './state-tree.ts'
import type { DecodingStep, Generated } from './step.ts'
import { Stepper } from './stepper.ts'

/** Takes a token for a row of the batch, by the scores of all (-Infinity: not permitted); -1 if none is permitted. */
export type Choose = (scores: Float64Array, row: number) => number

interface Row {
  readonly id: number
  readonly tokens: number[]
  logProbability: number
  finished: boolean
}

/** A search that keeps one hypothesis a row and drops a row from the batch when it ends. */
export class RowSearch<S extends StateTree> {
  readonly #plan: Plan
  readonly #stepper: Stepper<S>
  readonly #choose: Choose
  readonly #rows: readonly Row[]
  #open: readonly Row[]
  #tokens: Int32Array
  #state: S

  constructor(plan: Plan, { step, state, choose }: { step: DecodingStep<S>; state: S; choose: Choose }) {
    this.#plan = plan
    this.#stepper = new Stepper(plan, step)
    this.#choose = choose
    this.#rows = Array.from(plan.start, (_, id) => ({ id, tokens: [], logProbability: 0, finished: false }))
    this.#open = this.#rows
    this.#tokens = plan.start
    this.#state = state
  }

  /** Gives every open row its next token. Returns whether there is more to do. Nothing is recorded for gradients. */
  advance(): boolean {
    return withRecorder(null, () => this.#advance())
  }

  #advance(): boolean {
    if (this.#open.length === 0 || this.#stepper.steps >= this.#plan.maxLength) return false
    const state = this.#stepper.run(this.#tokens, this.#state)
    const kept: number[] = []
    this.#open.forEach((row, at) => {
      if (this.#extend(row, at)) kept.push(at)
    })
    if (kept.length === 0 || this.#stepper.steps === this.#plan.maxLength) {
      this.#open = []
      return false
    }
    this.#state = kept.length < this.#open.length ? gatherRows(state, kept) : state
    this.#open = kept.map((at) => this.#open[at])
    this.#tokens = Int32Array.from(this.#open, ({ tokens }) => tokens[tokens.length - 1])
    return true
  }

  /** Gives a row, which is at `at` in the batch, its next token. Returns whether it goes on. */
  #extend(row: Row, at: number): boolean {
    const { scores, normaliser } = this.#stepper.read(at, row.id, row.tokens)
    const token = this.#choose(scores, row.id)
    if (token < 0) return false
    row.logProbability += scores[token] - normaliser
    row.finished = token === this.#plan.end
    if (row.finished) return false
    row.tokens.push(token)
    return true
  }

  /** The rows as far as they have come. */
  get rows(): readonly Generated[] {
    return this.#rows.map(({ tokens, logProbability, finished }) => ({ tokens, logProbability, finished }))
  }
}
