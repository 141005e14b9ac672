// What nobody read must not pass: a case whose tensors note which of them were read, and options that say nothing.
import type { Fixture } from '@ostinato/test-utils'

/** Options that change nothing at one of these values; at another they are options like any. */
const withoutEffect: Readonly<Record<string, readonly unknown[]>> = {
  dropout: [0],
  padding_mode: ['zeros'],
  foreach: [false],
  maximize: [false],
  differentiable: [false],
  capturable: [false],
  fused: [false],
  verbose: [false],
  last_epoch: [-1],
  inplace: [false],
  return_indices: [false],
  scale_grad_by_freq: [false],
  sparse: [false],
  add_bias_kv: [false],
  add_zero_attn: [false],
  is_causal: [false],
  error_if_nonfinite: [false],
}

/** A one-cycle schedule moves the momentum too; a case holds the rate alone. */
const momentumOfCycle = ['cycle_momentum', 'base_momentum', 'max_momentum']

/** The options that say something: null is absent, except for the momentum of a batch norm. */
function telling({ kind, config }: Fixture): Fixture['config'] {
  return Object.fromEntries(
    Object.entries(config).filter(([key, value]) => {
      if (kind === 'OneCycleLR' && momentumOfCycle.includes(key)) return false
      if (value === null) return key === 'momentum' && kind.startsWith('BatchNorm')
      return !(Object.hasOwn(withoutEffect, key) && withoutEffect[key].includes(value))
    }),
  )
}

/** `values`, and the names of those that nobody has read. */
function noting<T extends object>(values: T): { readonly values: T; readonly unread: () => string[] } {
  const read = new Set<string | symbol>()
  const proxy = new Proxy(values, {
    get(target, key, receiver) {
      read.add(key)
      return Reflect.get(target, key, receiver) as unknown
    },
  })
  return { values: proxy, unread: () => Object.keys(values).filter((key) => !read.has(key)) }
}

/**
 * Runs `run` on the case without the options that say nothing.
 * @throws Error naming the inputs, parameters, expected values and gradients that it did not read
 */
export function refusingUnread(fixture: Fixture, run: (fixture: Fixture) => void): void {
  const inputs = noting(fixture.inputs)
  const params = noting(fixture.params)
  const expected = noting(fixture.expected)
  const grads = noting(fixture.grads)
  run({
    ...fixture,
    config: telling(fixture),
    inputs: inputs.values,
    params: params.values,
    expected: expected.values,
    grads: grads.values,
  })
  const unread = Object.entries({ inputs, params, expected, grads }).flatMap(([group, { unread }]) =>
    unread().map((key) => `${group}.${key}`),
  )
  if (unread.length > 0) throw new Error(`${fixture.name}: nobody read ${unread.join(', ')}`)
}
