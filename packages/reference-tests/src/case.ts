// What every kind of reference case shares: reading tensors, refusing what is not understood, comparing.
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

/** The input called `name`, as ids. */
export function ids(values: Fixture['inputs'], name: string): Tensor<'int32'> {
  const { data, shape } = tensorOf(values, name)
  return tensor(data, { shape, dtype: 'int32' })
}

/** Reads the options of a case by name; `done` refuses those that nobody read. */
export class Config {
  readonly #rest: Map<string, unknown>

  constructor(readonly fixture: Fixture) {
    this.#rest = new Map(Object.entries(fixture.config))
  }

  get(name: string): unknown {
    const value = this.#rest.get(name)
    this.#rest.delete(name)
    return value
  }

  number(name: string, otherwise?: number): number {
    const value = this.get(name) ?? otherwise
    if (typeof value !== 'number')
      throw new Error(`${this.fixture.name}: expected a number for '${name}', got ${JSON.stringify(value)}`)
    return value
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.get(name) ?? otherwise
    if (typeof value !== 'boolean')
      throw new Error(`${this.fixture.name}: expected true or false for '${name}', got ${JSON.stringify(value)}`)
    return value
  }

  /** One number, or one for each axis. */
  sizes(name: string, otherwise?: number): number | readonly number[] {
    const value = this.get(name) ?? otherwise
    if (typeof value === 'number' || (Array.isArray(value) && value.every((n) => typeof n === 'number'))) return value
    throw new Error(`${this.fixture.name}: expected a number or numbers for '${name}', got ${JSON.stringify(value)}`)
  }

  word(name: string, otherwise: string): string {
    const value = this.get(name) ?? otherwise
    if (typeof value !== 'string')
      throw new Error(`${this.fixture.name}: expected a word for '${name}', got ${JSON.stringify(value)}`)
    return value
  }

  done(): void {
    if (this.#rest.size > 0)
      throw new Error(`${this.fixture.name}: options that are not understood: ${[...this.#rest.keys()].join(', ')}`)
  }
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

/** Runs `forward`, compares its outputs, and the gradients of every tensor that the case has gradients for. */
export function checkCase(
  fixture: Fixture,
  dtype: FloatDType,
  { tensors, forward }: { readonly tensors: ReadonlyMap<string, Tensor>; readonly forward: () => readonly Output[] },
): void {
  const { inputs, expected, grads, name } = fixture
  const { grads: found, auxiliary: outputs } = valueAndGrad([...tensors.values()], () => {
    const values = forward()
    const parts = values.map(({ value, cotangent }) => sum(multiply(value, floats(inputs, cotangent, dtype))))
    return { value: parts.reduce((a, b) => add(a, b)), auxiliary: values }
  })
  const unread = Object.keys(expected).filter((key) => !outputs.some((output) => output.name === key))
  if (unread.length > 0) throw new Error(`${name}: expected outputs that nobody computed: ${unread.join(', ')}`)
  for (const output of outputs) compare(output.value, fixture.expected, { key: output.name, dtype })
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
