// A few single layers against values that PyTorch computed. The whole set is run elsewhere.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { availableBackends, useBackend } from '../src/index.ts'
import { runCase } from './runner.ts'
import { difference, differentiable, to32 } from './support.ts'
import type { Case } from './support.ts'

const given = process.env.OSTINATO_FIXTURES
const folder = `${given ?? fileURLToPath(new URL('../../../../shared/fixtures', import.meta.url))}/pytorch`
const there = existsSync(folder)
if (!there && given !== undefined) throw new Error(`OSTINATO_FIXTURES is set, but there is no folder ${folder}`)
if (!there) console.warn(`skipped: no PyTorch reference values in ${folder}; set OSTINATO_FIXTURES to run these tests`)

interface Numbers {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
type Group = Readonly<Record<string, Numbers>>
interface Fixture {
  readonly config: Readonly<Record<string, unknown>>
  readonly inputs: Group
  readonly params: Group
  readonly expected: Group
  readonly grads: Group
}

const kinds = { lstm: 'lstm', gru: 'gru', rnn: 'elman' } as const
const variants = ['l1', 'l1_bi', 'l1_bi_lengths', 'l1_lengths', 'l1_nobias']
const names = ['lstm', 'gru', 'rnn_tanh', 'rnn_relu'].flatMap((kind) => variants.map((variant) => `${kind}_${variant}`))

describe.skipIf(!there).each(names)('%s', (name) => {
  const fixture = there ? (JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as Fixture) : undefined
  const values = (group: Group | undefined, key: string): Float64Array => Float64Array.from(group?.[key]?.data ?? [])
  const directions = name.includes('_bi') ? ['', '_reverse'] : ['']

  it.each(directions)('direction "%s" equals PyTorch in outputs and gradients', (suffix) => {
    if (fixture === undefined) throw new Error('no fixture')
    const { inputs, params, expected, grads } = fixture
    const [batch, time, inputSize] = inputs['x'].shape
    const hiddenSize = Number(fixture.config['hidden_size'])
    const d = suffix === '' ? 0 : 1
    /** The part of `[directions, batch, hidden]` that belongs to this direction. */
    const state = (v: Float64Array): Float64Array => v.slice(d * batch * hiddenSize, (d + 1) * batch * hiddenSize)
    /** The columns of `[batch, time, directions * hidden]` that belong to this direction. */
    const half = (v: Float64Array): Float64Array =>
      v.filter((_, i) => Math.floor(i / hiddenSize) % directions.length === d)
    const bias = fixture.config['bias'] !== false
    const lengths = inputs['lengths']
    const c: Case = {
      kind: kinds[name.split('_')[0] as keyof typeof kinds],
      nonlinearity: name.startsWith('rnn_relu') ? 'relu' : 'tanh',
      batch, time, inputSize, hiddenSize, reverse: d === 1,
      lengths: lengths === undefined ? undefined : Int32Array.from(lengths.data),
      input: values(inputs, 'x'), initialHidden: state(values(inputs, 'h0')), initialCell: state(values(inputs, 'c0')),
      weightIh: values(params, `weight_ih_l0${suffix}`), weightHh: values(params, `weight_hh_l0${suffix}`),
      biasIh: bias ? values(params, `bias_ih_l0${suffix}`) : undefined,
      biasHh: bias ? values(params, `bias_hh_l0${suffix}`) : undefined,
    }
    const cotangents = {
      output: half(values(inputs, 'gy')), hidden: state(values(inputs, 'ghn')), cell: state(values(inputs, 'gcn')),
    }
    const expectedGradients: Partial<Record<(typeof differentiable)[number], Float64Array>> = {
      initialHidden: state(values(grads, 'h0')),
      weightIh: values(grads, `weight_ih_l0${suffix}`), weightHh: values(grads, `weight_hh_l0${suffix}`),
      ...(c.kind === 'lstm' ? { initialCell: state(values(grads, 'c0')) } : {}),
      ...(bias ? { biasIh: values(grads, `bias_ih_l0${suffix}`), biasHh: values(grads, `bias_hh_l0${suffix}`) } : {}),
      ...(directions.length === 1 ? { input: values(grads, 'x') } : {}),
    }
    const compare = (as: (v: Float64Array) => Float64Array | Float32Array, tolerance: number): void => {
      const got = runCase<Float32Array | Float64Array>(c, as)
      expect(difference(got.output, half(values(expected, 'y')))).toBeLessThan(tolerance)
      expect(difference(got.hidden, state(values(expected, 'hn')))).toBeLessThan(tolerance)
      if (got.cell !== undefined) expect(difference(got.cell, state(values(expected, 'cn')))).toBeLessThan(tolerance)
      const gradients = got.backward(cotangents)
      for (const key of differentiable) {
        const reference = expectedGradients[key]
        const gradient = gradients[key]
        if (reference === undefined) continue
        expect(gradient === undefined ? NaN : difference(gradient, reference), key).toBeLessThan(tolerance)
      }
    }
    compare((v) => v, 1e-9)
    for (const backend of availableBackends()) useBackend(backend, () => compare(to32, 1e-4))
  })
})
