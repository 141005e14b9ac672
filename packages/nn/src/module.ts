// The base class of everything that holds parameters. It finds, names, saves and freezes them; it computes nothing.
import { isParameter, type AnyTensor, type Parameter, type Tensor } from '@ostinato/tensor'
import { isRunningStatistic } from './running-statistic.ts'
import { loadState } from './state.ts'
import { summary } from './summary.ts'
import { isModule, walk } from './walk.ts'

const brand = Symbol.for('@ostinato/nn/module')

/**
 * A layer or a model: an object whose public fields hold parameters and other modules, with a `forward` of its own
 * form.
 *
 * Parameters are found by walking the own enumerable fields, arrays and plain objects in them, and nested modules; a
 * name is the path, such as `encoder.layers.0.weight`. A parameter that is held twice (tied weights) counts once, under
 * its first name.
 *
 * A `#private` field cannot be seen from outside: parameters and modules must stand in public fields, which
 * TypeScript's `private` and `protected` are at run time.
 *
 * @example
 * ```ts
 * import { Linear, Module } from '@ostinato/nn'
 * import { Rng, tanh, zeros, type Tensor } from '@ostinato/tensor'
 * class Classifier extends Module {
 *   readonly hidden: Linear
 *   readonly head: Linear
 *   constructor({ rng }: { rng: Rng }) {
 *     super()
 *     this.hidden = new Linear(4, 8, { rng })
 *     this.head = new Linear(8, 3, { rng })
 *   }
 *   forward(x: Tensor): Tensor {
 *     return this.head.forward(tanh(this.hidden.forward(x)))
 *   }
 * }
 * const model = new Classifier({ rng: new Rng(0) })
 * console.assert(model.forward(zeros([2, 4])).shape.join() === '2,3')
 * console.assert([...model.state().keys()].join() === 'hidden.weight,hidden.bias,head.weight,head.bias')
 * ```
 */
export abstract class Module {
  // Not initialised here: a field with a computed name keeps the class in bundles that do not use it.
  declare readonly [brand]: true

  constructor() {
    this[brand] = true
  }

  /** Name -> parameter, as `namedParameters` gives them. The tensors are the parameters themselves, not copies. */
  state(): Map<string, Tensor> {
    return new Map<string, Tensor>(this.namedParameters())
  }

  /** Every parameter with its name, running statistics included, in the order of the fields. */
  *namedParameters(): Generator<readonly [name: string, parameter: Parameter], void, undefined> {
    for (const [name, found] of walk(this)) if (isParameter(found)) yield [name, found]
  }

  /** Every parameter, each once. `valueAndGrad` and the optimizers pass over those that are not trainable. */
  *parameters(): Generator<Parameter, void, undefined> {
    for (const [, parameter] of this.namedParameters()) yield parameter
  }

  /** This module under the name `''`, then every module inside it. */
  *namedModules(): Generator<readonly [name: string, module: Module], void, undefined> {
    for (const [name, found] of walk(this)) if (isModule(found)) yield [name, found]
  }

  /** This module and every module inside it, each once. */
  *modules(): Generator<Module, void, undefined> {
    for (const [, module] of this.namedModules()) yield module
  }

  /**
   * Copies values into the parameters. Strict: `state` must have exactly the names and shapes of `this.state()`;
   * float32 and float64 convert. When anything is wrong, nothing changes.
   *
   * @throws StateError listing every missing and unexpected name and every wrong shape
   * @example
   * ```ts
   * import { Linear } from '@ostinato/nn'
   * import { Rng } from '@ostinato/tensor'
   * const trained = new Linear(3, 2, { rng: new Rng(1) })
   * const fresh = new Linear(3, 2, { rng: new Rng(2) })
   * fresh.loadState(trained.state())
   * console.assert(fresh.weight.data[0] === trained.weight.data[0])
   * ```
   */
  loadState(state: ReadonlyMap<string, AnyTensor>): void {
    loadState(`${this.constructor.name}.loadState`, new Map(this.namedParameters()), state)
  }

  /** Keeps training from changing any parameter in here: no gradients are computed for them. */
  freeze(): this {
    for (const parameter of this.parameters()) parameter.trainable = false
    return this
  }

  /** Lets training change every parameter in here, whoever froze it; running statistics stay as they are. */
  unfreeze(): this {
    for (const parameter of this.parameters()) parameter.trainable = !isRunningStatistic(parameter)
    return this
  }

  /** The table that `summary` makes. */
  toString(): string {
    return summary(this)
  }
}
