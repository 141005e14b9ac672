// Adam, with weight decay as a penalty on the loss. For decoupled weight decay see `adamw.ts`.
import { adamChange, adamFields, adamMoments, type AdamConstants, type AdamOptions } from './adam-rule.ts'
import { Optimizer, type Change } from './optimizer.ts'
import { readOptions } from './options.ts'
import type { Trainable } from './parameters.ts'

const fields = adamFields(0)

/**
 * Adam: with g = ∇θ + λθ, at the t-th change of θ,
 *
 *     m ← β₁ m + (1 - β₁) g,   v ← β₂ v + (1 - β₂) g²,
 *     θ ← θ - η (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε).
 *
 * Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1. With `amsgrad`, v is replaced in the
 * last line by its largest value so far: Reddi, Kale and Kumar 2018, "On the convergence of Adam and beyond",
 * algorithm 2.
 *
 * @throws RangeError when an option is out of range or the parameters are not each there once
 * @example
 * ```ts
 * import { Parameter, tensor } from '@ostinato/tensor'
 * import { Adam } from '@ostinato/optim'
 * const weight = new Parameter(tensor([1, 2]))
 * const optimizer = new Adam([['weight', weight]], { learningRate: 0.5 })
 * optimizer.step(new Map([[weight, tensor([8, -8])]]))
 * console.assert(Math.abs(weight.data[0] - 0.5) < 1e-6 && Math.abs(weight.data[1] - 2.5) < 1e-6)
 * console.assert(optimizer.state().tensors.has('weight.firstMoment'))
 * ```
 */
export class Adam extends Optimizer {
  readonly #constants: AdamConstants

  constructor(parameters: Trainable, options: AdamOptions = {}) {
    const settings = readOptions('Adam', options, fields)
    super({ name: 'Adam', trainable: parameters, settings, moments: adamMoments(settings.amsgrad) })
    this.#constants = settings
  }

  protected override change(change: Change): void {
    adamChange(change, this.#constants, change.weightDecay, 0)
  }
}
