// What all optimizers share: the list of parameters, the learning rate, the count of steps, the moments and their
// state. How a parameter changes is each class's own `change`; there is one level of classes and no other hook.
import { formatShape, sameShape, ShapeError, Tensor } from '@ostinato/tensor'
import { throwFaults } from './faults.ts'
import {
  asSchedule,
  readGroups,
  type GroupSettings,
  type NamedParameter,
  type Trainable,
} from './parameters.ts'
import type { Schedule } from './schedules/schedule.ts'
import { StateReader, type OptimizerState, type SavedState } from './state.ts'

/** The typed arrays of floating-point tensors. */
export type FloatArray = Tensor['data']

/** One parameter about to change. All arrays are of one length. */
export interface Change {
  /** The parameter's values, to be changed in place. */
  readonly values: FloatArray
  readonly gradient: FloatArray
  /** The moments, in the order in which the class names them, to be changed in place. */
  readonly moments: readonly FloatArray[]
  /** The scalars, likewise. */
  readonly scalars: number[]
  /** Which change of this parameter it is: 1 the first time. A step without its gradient does not count. */
  readonly step: number
  readonly learningRate: number
  readonly weightDecay: number
}

/** What a class of optimizers tells its base. */
export interface Setup {
  /** The name of the class, for messages. */
  readonly name: string
  readonly trainable: Trainable
  readonly settings: GroupSettings
  /** The tensors kept for each parameter, of its shape and type: name -> value before the first step. */
  readonly moments?: Readonly<Record<string, number>>
  /** The numbers kept for each parameter, likewise. */
  readonly scalars?: Readonly<Record<string, number>>
}

/**
 * A parameter with what the optimizer keeps for it. Moments are made at its first gradient: a frozen one costs
 * nothing.
 */
interface Entry {
  readonly name: string
  readonly parameter: NamedParameter[1]
  moments: FloatArray[]
  scalars: number[]
  steps: number
}

interface Group {
  readonly learningRate: Schedule
  readonly weightDecay: number
  readonly entries: readonly Entry[]
}

/**
 * Changes parameters, in place, by their gradients. Abstract: use `Adam`, `SGD` and their like, or write one.
 *
 * Options and schedules are not part of the state, the count of steps is: to go on, make the optimizer with the same
 * options, then `loadState`.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@ostinato/tensor'
 * import { Optimizer, type Change, type Trainable } from '@ostinato/optim'
 * class SignDescent extends Optimizer {
 *   constructor(parameters: Trainable, learningRate: number) {
 *     super({ name: 'SignDescent', trainable: parameters, settings: { learningRate, weightDecay: 0 } })
 *   }
 *   protected override change({ values, gradient, learningRate }: Change): void {
 *     for (let i = 0; i < values.length; i++) values[i] -= learningRate * Math.sign(gradient[i])
 *   }
 * }
 * const weight = new Parameter(tensor([1, 2]))
 * new SignDescent([weight], 0.5).step(new Map([[weight, tensor([9, -9])]]))
 * console.assert(weight.data[0] === 0.5 && weight.data[1] === 2.5)
 * ```
 */
export abstract class Optimizer {
  readonly #name: string
  readonly #learningRate: Schedule
  readonly #groups: readonly Group[]
  readonly #entries: readonly Entry[]
  readonly #moments: Readonly<Record<string, number>>
  readonly #scalars: Readonly<Record<string, number>>
  #steps = 0

  protected constructor({ name, trainable, settings, moments = {}, scalars = {} }: Setup) {
    this.#name = name
    this.#moments = moments
    this.#scalars = scalars
    this.#learningRate = asSchedule(settings.learningRate)
    this.#groups = readGroups(name, trainable, settings).map(({ learningRate, weightDecay, members }) => ({
      learningRate,
      weightDecay,
      entries: members.map(([key, parameter]) => ({ name: key, parameter, moments: [], scalars: [], steps: 0 })),
    }))
    this.#entries = this.#groups.flatMap((group) => group.entries)
  }

  /** How often `step` has been called. */
  get steps(): number {
    return this.#steps
  }

  /** The learning rate of the next step; that of a group with a rate of its own may differ. */
  get learningRate(): number {
    return this.#learningRate(this.#steps)
  }

  /**
   * Changes every parameter that has a gradient in `grads`, and no other. Gradients of other tensors are passed over,
   * so two optimizers can share one map. When it throws, nothing has changed.
   *
   * @throws ShapeError when a gradient differs from its parameter in shape or type, or when none belongs to a parameter
   * @throws RangeError when a schedule gives a learning rate that is negative or not finite
   */
  step(grads: ReadonlyMap<Tensor, Tensor>): void {
    this.#checkGradients(grads)
    const rates = this.#groups.map((group) => group.learningRate(this.#steps))
    this.#checkRates(rates)
    this.#groups.forEach(({ entries, weightDecay }, i) => {
      for (const entry of entries) {
        const gradient = entry.parameter.trainable ? grads.get(entry.parameter) : undefined
        if (gradient === undefined) continue
        if (entry.steps === 0) this.#start(entry)
        entry.steps++
        const { moments, scalars, steps } = entry
        const common = { gradient: gradient.data, moments, scalars, step: steps, learningRate: rates[i], weightDecay }
        entry.parameter.update((values) => this.change({ values, ...common }))
      }
    })
    this.#steps++
  }

  /**
   * The state, copied, as plain data. Loaded into an optimizer made with the same options over the same parameters,
   * it goes on exactly where this one stands.
   */
  state(): OptimizerState {
    const tensors = new Map<string, Tensor>()
    const counters: Record<string, number> = { steps: this.#steps }
    for (const { name, parameter, moments, scalars, steps } of this.#entries) {
      if (steps === 0) continue
      counters[`${name}.steps`] = steps
      Object.keys(this.#scalars).forEach((scalar, i) => { counters[`${name}.${scalar}`] = scalars[i] })
      Object.keys(this.#moments).forEach((moment, i) => {
        tensors.set(`${name}.${moment}`, new Tensor(moments[i].slice(), parameter.shape, parameter.dtype))
      })
    }
    return { tensors, counters }
  }

  /**
   * Goes on from a state that `state()` gave. When it throws, nothing has changed.
   *
   * @throws ShapeError naming all that is missing, has another shape or type, or does not belong to this optimizer
   */
  loadState(state: SavedState): void {
    const reader = new StateReader(`${this.#name}.loadState`, state)
    const steps = reader.count('steps', 0)
    const loaded = this.#entries.map(({ name, parameter }) => {
      if (!reader.has(`${name}.steps`)) return { steps: 0, scalars: [], moments: [] }
      return {
        steps: reader.count(`${name}.steps`, 1),
        scalars: Object.keys(this.#scalars).map((scalar) => reader.number(`${name}.${scalar}`)),
        moments: Object.keys(this.#moments).map((moment) => reader.data(`${name}.${moment}`, parameter)),
      }
    })
    reader.finish()
    this.#steps = steps
    this.#entries.forEach((entry, i) => {
      const { moments, ...rest } = loaded[i]
      Object.assign(entry, rest)
      entry.moments = moments.filter((data) => data !== undefined)
    })
  }

  /** Changes one parameter by its gradient: the optimizer's equation, element by element. */
  protected abstract change(change: Change): void

  #start(entry: Entry): void {
    const { parameter } = entry
    entry.moments = Object.values(this.#moments).map((value) => parameter.data.slice().fill(value))
    entry.scalars = Object.values(this.#scalars)
  }

  #checkGradients(grads: ReadonlyMap<Tensor, Tensor>): void {
    const where = `${this.#name}.step`
    const faults: string[] = []
    let found = 0
    for (const { name, parameter } of this.#entries) {
      const gradient = grads.get(parameter)
      if (gradient === undefined) continue
      found++
      if (gradient.dtype !== parameter.dtype || !sameShape(gradient.shape, parameter.shape)) {
        const [expected, got] = [parameter, gradient].map(({ dtype, shape }) => `${dtype}${formatShape(shape)}`)
        faults.push(`expected the gradient of parameter '${name}' to be ${expected}, got ${got}`)
      }
    }
    if (found === 0 && grads.size > 0) {
      const remedy = 'make the optimizer from the model that is trained'
      faults.push(`expected gradients of parameters of this optimizer, got ${grads.size} of other tensors: ${remedy}`)
    }
    if (faults.length > 0) throw new ShapeError(where, faults)
  }

  #checkRates(rates: readonly number[]): void {
    const expected = `expected a learning rate that is a finite number of 0 or more at step ${this.#steps}`
    const wrong = rates.filter((rate) => !(rate >= 0 && rate < Infinity))
    throwFaults(`${this.#name}.step`, wrong.map((rate) => `${expected}, got ${rate}: check the schedule`))
  }
}
