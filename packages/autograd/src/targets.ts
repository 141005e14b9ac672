// What gradients can be asked for, and how it becomes a list of tensors.
import { isTensor, type Tensor } from '@ostinato/tensor'

/** Something that has parameters, such as a `Module` of `@ostinato/nn`. */
export interface HasParameters {
  parameters(): Iterable<Tensor>
}

/** What gradients can be asked for: a tensor, several, or all parameters of a model. Frozen parameters are left out. */
export type Targets = Tensor | Iterable<Tensor> | HasParameters

/** All tensors of `targets`, frozen ones too. */
export function listTargets(targets: Targets): Tensor[] {
  if (isTensor(targets)) return [targets]
  return 'parameters' in targets ? [...targets.parameters()] : [...targets]
}

/** Whether a gradient is wanted: a frozen parameter says so itself, a plain tensor has no such field. */
export function isTrainable(target: Tensor): boolean {
  return !('trainable' in target && target.trainable === false)
}
