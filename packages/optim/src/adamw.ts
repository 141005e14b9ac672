// AdamW: Adam with the weight decay taken from the weights themselves. With decay as a penalty see `adam.ts`.
import { adamChange, adamFields, adamMoments, type AdamConstants, type AdamOptions } from './adam-rule.ts'
import { Optimizer, type Change } from './optimizer.ts'
import { readOptions } from './options.ts'
import type { Trainable } from './parameters.ts'

const fields = adamFields(0.01)

/**
 * Adam with decoupled weight decay: θ ← (1 - ηλ) θ, then Adam's step by the bare gradient g = ∇θ.
 *
 * Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2, where the rate η multiplies the
 * decay.
 *
 * @throws RangeError when an option is out of range or the parameters are not each there once
 * @example
 * ```ts
 * import { Parameter, tensor } from '@ostinato/tensor'
 * import { AdamW } from '@ostinato/optim'
 * const weight = new Parameter(tensor([1, 2]))
 * const bias = new Parameter(tensor([1]))
 * const groups = [{ parameters: [weight] }, { parameters: [bias], weightDecay: 0 }]
 * const optimizer = new AdamW(groups, { learningRate: 0.1, weightDecay: 0.5 })
 * optimizer.step(new Map([[weight, tensor([0, 0])], [bias, tensor([0])]]))
 * console.assert(Math.abs(weight.data[0] - 0.95) < 1e-6 && bias.data[0] === 1)
 * ```
 */
export class AdamW extends Optimizer {
  readonly #constants: AdamConstants

  constructor(parameters: Trainable, options: AdamOptions = {}) {
    const settings = readOptions('AdamW', options, fields)
    super({ name: 'AdamW', trainable: parameters, settings, moments: adamMoments(settings.amsgrad) })
    this.#constants = settings
  }

  protected override change(change: Change): void {
    adamChange(change, this.#constants, 0, change.learningRate * change.weightDecay)
  }
}
