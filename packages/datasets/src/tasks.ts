// Generated tasks whose answer hangs on what came long before: yardsticks for recurrent layers. No real data.
import { Tensor, type Rng } from '@ostinato/tensor'
import { dataset, type Dataset } from './dataset.ts'
import { failIfAny, isCount, show } from './errors.ts'

/** How much of the addition task is generated. */
export interface AdditionOptions {
  /** The number of rows. */
  readonly count: number
  /** The length of each sequence, at least 2. */
  readonly steps: number
  readonly rng: Rng
}

/** A row of the addition task. */
export interface AdditionRow {
  /** `[steps, 2]`: a value from 0 to 1, and a mark which is 1 at two steps and else 0. */
  readonly input: Tensor<'float32'>
  /** The sum of the two values that are marked. */
  readonly target: number
}

/**
 * The addition task: add the two marked values of a sequence, one in each half. Experiment 4 of Hochreiter and
 * Schmidhuber 1997, "Long Short-Term Memory", in the simpler form of Le, Jaitly and Hinton 2015, "A Simple Way to
 * Initialize Recurrent Networks of Rectified Linear Units". Always answering 1 has a mean squared error of 1/6.
 *
 * @throws DatasetError when `count` is not a whole number from 1, or `steps` from 2
 * @example
 * ```ts
 * import { additionTask } from '@ostinato/datasets/tasks'
 * import { Rng } from '@ostinato/tensor'
 * const { input, target } = additionTask({ count: 4, steps: 10, rng: new Rng(0) }).get(0)
 * console.assert(input.shape.join() === '10,2' && target < 2)
 * ```
 */
export function additionTask({ count, steps, rng }: AdditionOptions): Dataset<AdditionRow> {
  check('additionTask', { count: [count, 1], steps: [steps, 2] })
  const half = Math.floor(steps / 2)
  const data = new Float32Array(count * steps * 2)
  const targets = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    const start = row * steps
    for (let step = 0; step < steps; step++) data[2 * (start + step)] = rng.next()
    for (const step of [rng.integer(0, half), rng.integer(half, steps)]) {
      data[2 * (start + step) + 1] = 1
      targets[row] += data[2 * (start + step)]
    }
  }
  const get = (row: number): AdditionRow => ({
    input: new Tensor(data.subarray(row * steps * 2, (row + 1) * steps * 2), [steps, 2], 'float32'),
    target: targets[row],
  })
  return dataset({ length: count, get })
}

/** How much of the copy task is generated. */
export interface CopyOptions {
  /** The number of rows. */
  readonly count: number
  /** How many symbols are to be remembered. Default 10. */
  readonly length?: number
  /** How many different symbols there are: ids from 2 on. Default 8. */
  readonly symbols?: number
  /** How many blanks stand between the last symbol and the signal to repeat. Default 0. */
  readonly delay?: number
  readonly rng: Rng
}

/** A row of the copy task; both have `2 * length + delay + 1` ids. */
export interface CopyRow {
  /** `length` symbols, `delay` blanks (0), the signal (1), `length` blanks. */
  readonly input: Int32Array
  /** Blanks up to and with the signal, then the symbols again. */
  readonly target: Int32Array
}

/**
 * The copy task: repeat a list of symbols after a delay. After Hochreiter and Schmidhuber 1997, "Long Short-Term
 * Memory", in the form of Arjovsky, Shah and Bengio 2016, "Unitary Evolution Recurrent Neural Networks". Without
 * memory, the best mean cross-entropy is `length * ln(symbols) / (2 * length + delay + 1)`.
 *
 * @throws DatasetError when a size is not a whole number, `count`, `length` or `symbols` below 1 or `delay` below 0
 * @example
 * ```ts
 * import { copyTask } from '@ostinato/datasets/tasks'
 * import { Rng } from '@ostinato/tensor'
 * const { input, target } = copyTask({ count: 4, length: 3, delay: 5, rng: new Rng(0) }).get(0)
 * console.assert(input.length === 12 && target.slice(9).join() === input.slice(0, 3).join())
 * ```
 */
export function copyTask({ count, length = 10, symbols = 8, delay = 0, rng }: CopyOptions): Dataset<CopyRow> {
  check('copyTask', { count: [count, 1], length: [length, 1], symbols: [symbols, 1], delay: [delay, 0] })
  const drawn = new Int32Array(count * length).map(() => rng.integer(2, 2 + symbols))
  const steps = 2 * length + delay + 1
  const get = (row: number): CopyRow => {
    const list = drawn.subarray(row * length, (row + 1) * length)
    const input = new Int32Array(steps)
    const target = new Int32Array(steps)
    input.set(list)
    input[length + delay] = 1
    target.set(list, length + delay + 1)
    return { input, target }
  }
  return dataset({ length: count, get })
}

/** How much of the parity task is generated. */
export interface ParityOptions {
  /** The number of rows. */
  readonly count: number
  /** The length of each sequence. */
  readonly steps: number
  readonly rng: Rng
}

/** A row of the parity task; both have `steps` values. */
export interface ParityRow {
  /** Bits, 0 or 1. */
  readonly input: Int32Array
  /** At each step, whether the number of ones so far is odd: 1, or 0. */
  readonly target: Int32Array
}

/**
 * The parity task: whether the ones seen so far are odd in number, at every step. It is the parity of Minsky and Papert
 * 1969, "Perceptrons", told bit by bit: two states and one rule suffice, yet every bit counts to the end. Without
 * memory, half of the answers are right.
 *
 * @throws DatasetError when `count` or `steps` is not a whole number from 1
 * @example
 * ```ts
 * import { parityTask } from '@ostinato/datasets/tasks'
 * import { Rng } from '@ostinato/tensor'
 * const { input, target } = parityTask({ count: 4, steps: 3, rng: new Rng(0) }).get(0)
 * console.assert(target[2] === (input[0] + input[1] + input[2]) % 2)
 * ```
 */
export function parityTask({ count, steps, rng }: ParityOptions): Dataset<ParityRow> {
  check('parityTask', { count: [count, 1], steps: [steps, 1] })
  const bits = new Int32Array(count * steps).map(() => rng.integer(0, 2))
  const get = (row: number): ParityRow => {
    const input = bits.slice(row * steps, (row + 1) * steps)
    let parity = 0
    return { input, target: input.map((bit) => (parity ^= bit)) }
  }
  return dataset({ length: count, get })
}

function check(where: string, sizes: Readonly<Record<string, readonly [value: number, minimum: number]>>): void {
  const faults = Object.entries(sizes)
    .filter(([, [value, minimum]]) => !isCount(value, minimum))
    .map(([name, [value, minimum]]) => `expected ${name} to be a whole number from ${minimum}, got ${show(value)}`)
  failIfAny(where, faults)
}
