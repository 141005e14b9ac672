// Runs a step and reads its logits: checks what came out, and turns a row of logits into log-probabilities. It chooses
// nothing.
import { formatShape, isFloat, isTensor, ShapeError, tensor, type Tensor } from '@ostinato/tensor'
import { Bans } from './bans.ts'
import type { Plan } from './options.ts'
import { rowsOf, type StateTree } from './state-tree.ts'
import type { DecodingStep } from './step.ts'

/** The permitted continuations of a row. */
export interface Continuations {
  /** The logit of each token, -Infinity where it must not follow. The next `read` writes over it. */
  readonly scores: Float64Array
  /** The log of the sum of the exponentials of all logits, permitted or not. */
  readonly normaliser: number
}

/** Runs a step again and again and reads its logits row by row. */
export class Stepper<S extends StateTree> {
  readonly #plan: Plan
  readonly #step: DecodingStep<S>
  #steps = 0
  #logits: Tensor['data'] = new Float32Array(0)
  #scores = new Float64Array(0)
  #bans: Bans | undefined

  constructor(plan: Plan, step: DecodingStep<S>) {
    this.#plan = plan
    this.#step = step
  }

  /** How many steps were run. */
  get steps(): number {
    return this.#steps
  }

  /** The number of tokens, known after the first step. */
  get vocabulary(): number {
    return this.#scores.length
  }

  /**
   * Runs one step and returns the state after it.
   * @throws ShapeError when the logits are not `[rows, vocabulary]`, or the state has other rows than the tokens
   */
  run(tokens: Int32Array, state: S): S {
    const result = this.#step(tensor(tokens), state)
    this.#check(result, tokens.length)
    this.#logits = result.logits.data
    this.#steps++
    return result.state
  }

  #check({ logits, state }: { readonly logits: Tensor; readonly state: S }, rows: number): void {
    const where = `${this.#plan.where}: step ${this.#steps}`
    if (!isTensor(logits)) throw new ShapeError(where, [`expected logits that are a tensor, got ${typeof logits}`])
    const vocabulary = this.#steps === 0 ? logits.shape[1] : this.vocabulary
    const faults: string[] = []
    if (logits.rank !== 2 || logits.shape[0] !== rows || logits.shape[1] !== vocabulary || vocabulary === 0) {
      const expected = `[rows=${rows}, vocabulary${this.#steps === 0 ? '' : `=${vocabulary}`}]`
      const axis = logits.shape[0] === rows ? `axis 1 'vocabulary' is` : `axis 0 'rows' is`
      const size = logits.shape[0] === rows ? logits.shape[1] : logits.shape[0]
      const reason = logits.rank === 2 ? `${axis} ${size}` : `it has ${logits.rank} axes instead of 2`
      faults.push(`expected logits ${expected}, got ${formatShape(logits.shape)}: ${reason}`)
    }
    if (!isFloat(logits.dtype)) faults.push(`expected logits of type float32 or float64, got ${String(logits.dtype)}`)
    const after = rowsOf(state, where)
    if (after !== undefined && after !== rows) {
      faults.push(`expected a state of the ${rows} rows that the step was given, got ${after}`)
    }
    if (faults.length > 0) throw new ShapeError(where, faults)
    if (this.#bans !== undefined) return
    this.#bans = new Bans(this.#plan, vocabulary)
    this.#scores = new Float64Array(vocabulary)
  }

  /**
   * Reads the logits of row `at` of the last step, for the batch's row `row` with its tokens so far.
   * @throws RangeError when a logit is NaN or Infinity, or all are -Infinity
   */
  read(at: number, row: number, tokens: ArrayLike<number>): Continuations {
    const [scores, logits] = [this.#scores, this.#logits]
    const from = at * scores.length
    let highest = -Infinity
    let sum = 0
    // One pass: the sum is kept relative to the highest so far, and rescaled when a higher one comes.
    for (let token = 0; token < scores.length; token++) {
      const logit = logits[from + token]
      scores[token] = logit
      if (logit > highest) {
        if (logit === Infinity) this.#refuse(logit, row, token)
        sum = sum * Math.exp(highest - logit) + 1
        highest = logit
      } else if (logit !== -Infinity) {
        if (logit !== logit) this.#refuse(logit, row, token)
        sum += Math.exp(logit - highest)
      }
    }
    if (highest === -Infinity) {
      throw new RangeError(
        `${this.#plan.where}: expected a token with a finite logit, got -Infinity for all of row ${row} at step ${this.#steps - 1}`,
      )
    }
    this.#bans?.apply(scores, tokens)
    return { scores, normaliser: highest + Math.log(sum) }
  }

  #refuse(logit: number, row: number, token: number): never {
    throw new RangeError(
      `${this.#plan.where}: expected logits that are finite or -Infinity, got ${logit} in row ${row} at step ` +
        `${this.#steps - 1}, token ${token}: the step's weights or its state are no longer finite`,
    )
  }
}
