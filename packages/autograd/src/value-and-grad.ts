// Values with their gradients. The tape does the work.
import { full, isFloat, isTensor, ShapeError, withRecorder, type AnyTensor, type Tensor } from '@ostinato/tensor'
import { Tape } from './tape.ts'
import { isTrainable, listTargets, type Targets } from './targets.ts'

/** Tensor -> its gradient, of the same shape. A target which the value does not depend on has no entry. */
export type Gradients = Map<Tensor, Tensor>

/** A value and its gradients. */
export interface ValueAndGradients {
  /** The value: a tensor of one element. */
  readonly value: Tensor
  readonly grads: Gradients
}

/** A value with something beside it that the same run computed: `{ value: loss, auxiliary: logits }`. */
export interface WithAuxiliary<A> {
  readonly value: Tensor
  readonly auxiliary: A
}

/**
 * Runs `run` once and returns its value with the gradients of that value with respect to `targets`.
 *
 * Operations are recorded only while `run` is running, and only those that depend on the targets. `run` must be
 * synchronous and return a floating-point tensor of one element, or `{ value, auxiliary }`.
 *
 * Reverse mode: Speelpenning 1980; see Baydin et al. 2018, "Automatic differentiation in machine learning: a survey",
 * §3.2.
 *
 * @throws ShapeError when the value has not exactly one element or is not of floating-point type
 * @example
 * ```ts
 * import { multiply, sum, tensor } from '@ostinato/tensor'
 * import { valueAndGrad } from '@ostinato/autograd'
 * const x = tensor([1, 2, 3])
 * const { value, grads } = valueAndGrad(x, () => sum(multiply(x, x)))
 * console.assert(value.item() === 14 && grads.get(x)?.data[2] === 6)
 * ```
 */
export function valueAndGrad(targets: Targets, run: () => Tensor): ValueAndGradients
export function valueAndGrad<A>(targets: Targets, run: () => WithAuxiliary<A>): ValueAndGradients & WithAuxiliary<A>
export function valueAndGrad<A>(
  targets: Targets,
  run: () => Tensor | WithAuxiliary<A>,
): ValueAndGradients & { auxiliary?: A } {
  const list = listTargets(targets).filter(isTrainable)
  const tape = new Tape(list)
  const result = withRecorder(tape, run)
  const value = valueOf(result)
  checkValue(value)
  const wanted = new Set<AnyTensor>(list)
  const all = tape.gradients(value, full(value.shape, 1, { dtype: value.dtype }), wanted)
  const grads: Gradients = new Map()
  for (const target of list) {
    const gradient = all.get(target)
    if (gradient !== undefined) grads.set(target, gradient)
  }
  return isTensor(result) ? { value, grads } : { value, grads, auxiliary: result.auxiliary }
}

/** Whatever `run` returned as the value, checked or not. */
const valueOf = (result: unknown): unknown =>
  typeof result === 'object' && result !== null && 'value' in result ? result.value : result

function checkValue(value: unknown): asserts value is Tensor {
  const where = 'valueAndGrad'
  if (!isTensor(value)) {
    throw new ShapeError(where, [`expected the function to return a tensor or { value, auxiliary }, got ${value instanceof Promise ? 'a promise: the function must be synchronous' : typeof value}`])
  }
  if (value.size !== 1 || !isFloat(value.dtype)) {
    throw new ShapeError(where, [`expected a floating-point value of one element, got ${value.dtype}[${value.shape.join(', ')}]: reduce it with sum() or mean()`])
  }
}
