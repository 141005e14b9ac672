// What every kind of reference case shares: reading tensors and comparing. Options are read in config.ts.
import { valueAndGrad } from '@ostinato/autograd'
import { add, multiply, sum, tensor, type FloatDType, type Parameter, type Tensor } from '@ostinato/tensor'
import { expectClose, tensorOf, type Fixture } from '@ostinato/test-utils'

/** Runs one case in one element type and throws where it disagrees. */
export type RunCase = (fixture: Fixture, dtype: FloatDType) => void

/** How near is near enough: a part of the value, or of the largest value of the tensor. */
const relative: Readonly<Record<FloatDType, number>> = { float64: 1e-9, float32: 1e-4 }

/** The input called `name`, in floating point. */
export function floats(values: Fixture['inputs'], name: string, dtype: FloatDType): Tensor {
  const { data, shape } = tensorOf(values, name)
  return tensor(data, { shape, dtype })
}

/** The input called `name`, as ids: a tensor, or a number or list of them. */
export function ids(values: Fixture['inputs'], name: string): Tensor<'int32'> {
  const value = values[name]
  if (typeof value === 'number') return tensor(value, { dtype: 'int32' })
  if (Array.isArray(value)) return tensor(value as readonly number[], { dtype: 'int32' })
  const { data, shape } = tensorOf(values, name)
  return tensor(data, { shape, dtype: 'int32' })
}

/** The one of `names` that the case has an input of. */
export function inputNamed({ name, inputs }: Fixture, names: readonly string[]): string {
  const found = names.filter((key) => key in inputs)
  if (found.length === 1) return found[0]
  throw new Error(`${name}: expected one input among ${names.join(', ')}, got ${found.join(', ') || 'none'}`)
}

/** Puts the case's parameters into ours: pairs of PyTorch's name and the parameter, which must be all there are. */
export function setParameters(
  { name, params }: Fixture,
  pairs: readonly (readonly [string, Parameter | null])[],
): Map<string, Parameter> {
  const named = new Map<string, Parameter>()
  for (const [key, parameter] of pairs) if (parameter !== null) named.set(key, parameter)
  const missing = Object.keys(params).filter((key) => !named.has(key))
  const extra = [...named.keys()].filter((key) => !(key in params))
  if (missing.length + extra.length > 0)
    throw new Error(`${name}: parameters of the case alone: ${missing.join()}; of the layer alone: ${extra.join()}`)
  for (const [key, parameter] of named) parameter.assign(floats(params, key, 'float64'))
  return named
}

/** An output of a case with the cotangent that its gradients were computed with. */
export interface Output {
  readonly name: string
  readonly cotangent: string
  readonly value: Tensor
}

/**
 * What the gradients are taken of: each output times its cotangent, added up. An output without a cotangent is no part
 * of it; where no output has one, a single number stands for itself.
 */
function lossOf({ name, inputs, grads }: Fixture, outputs: readonly Output[], dtype: FloatDType): Tensor {
  const parts = outputs
    .filter(({ cotangent }) => cotangent in inputs)
    .map(({ value, cotangent }) => sum(multiply(value, floats(inputs, cotangent, dtype))))
  if (parts.length > 0) return parts.reduce((a, b) => add(a, b))
  const [{ value }] = outputs
  if (Object.keys(grads).length > 0 && (outputs.length > 1 || value.rank > 0))
    throw new Error(`${name}: gradients without a cotangent among ${Object.keys(inputs).join(', ')}`)
  return sum(value)
}

/** Runs `forward`, compares its outputs, and the gradients of every tensor that the case has gradients for. */
export function checkCase(
  fixture: Fixture,
  dtype: FloatDType,
  { tensors, forward }: { readonly tensors: ReadonlyMap<string, Tensor>; readonly forward: () => readonly Output[] },
): void {
  const { expected, grads, name } = fixture
  const { grads: found, auxiliary: outputs } = valueAndGrad([...tensors.values()], () => {
    const values = forward()
    return { value: lossOf(fixture, values, dtype), auxiliary: values }
  })
  for (const output of outputs) compare(output.value, expected, { key: output.name, dtype })
  for (const key of Object.keys(grads)) {
    const of = tensors.get(key)
    if (of === undefined) throw new Error(`${name}: no tensor '${key}' to compare the gradient of`)
    const gradient = found.get(of)
    if (gradient === undefined) throw new Error(`${name}: '${key}' has no gradient`)
    compare(gradient, grads, { key, dtype })
  }
}

/** Compares a tensor with the one called `key`. */
export function compare(
  actual: Tensor,
  expected: Fixture['inputs'],
  { key, dtype }: { readonly key: string; readonly dtype: FloatDType },
): void {
  const reference = tensorOf(expected, key)
  if (reference.shape.join() !== actual.shape.join())
    throw new Error(`${key}: expected shape [${reference.shape.join()}], got [${actual.shape.join()}]`)
  const largest = reference.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
  expectClose(actual, reference, {
    relative: relative[dtype],
    absolute: relative[dtype] * (dtype === 'float64' ? 1 : 0.1) * largest,
  })
}
