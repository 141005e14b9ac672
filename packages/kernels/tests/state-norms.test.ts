// The norms of the gradients with respect to states: against central differences, alike on all backends, and without
// effect on anything else.
import { describe, expect, it } from 'vitest'
import { availableBackends, elmanBackward, elmanForward, useBackend } from '../src/index.ts'
import type { StateNorms } from '../src/index.ts'
import { runCase } from './runner.ts'
import type { Cotangents } from './runner.ts'
import { difference, differentiable, fill, makeCase, naiveForward, numbers, to32 } from './support.ts'
import type { Case, Shape } from './support.ts'

const cases: readonly Shape[] = [
  { kind: 'elman', batch: 3, time: 4, inputSize: 2, hiddenSize: 3 },
  { kind: 'elman', batch: 4, time: 5, inputSize: 2, hiddenSize: 3, lengths: [2, 5, 0, 3] },
  { kind: 'gru', batch: 4, time: 5, inputSize: 2, hiddenSize: 5, lengths: [2, 5, 0, 3] },
  { kind: 'gru', batch: 4, time: 4, inputSize: 2, hiddenSize: 3, lengths: [1, 4, 0, 3], reverse: true },
  { kind: 'lstm', batch: 3, time: 4, inputSize: 2, hiddenSize: 3 },
  { kind: 'lstm', batch: 4, time: 5, inputSize: 2, hiddenSize: 5, lengths: [2, 5, 0, 3], reverse: true },
]

const cotangentsOf = (c: Case): Required<Cotangents> => {
  const next = numbers(7)
  const state = c.batch * c.hiddenSize
  return { output: fill(c.batch * c.time * c.hiddenSize, next), hidden: fill(state, next), cell: fill(state, next) }
}

const normsOf = ({ stateNorms }: { readonly stateNorms?: StateNorms }): StateNorms => {
  if (stateNorms === undefined) throw new Error('no norms')
  return stateNorms
}

/** By central differences, pushing each element of each state. */
function differences(c: Case, g: Required<Cotangents>, state: 'hidden' | 'cell'): Float64Array {
  const delta = 1e-5
  const loss = (push: { row: number; t: number; unit: number; delta: number }): number => {
    const { output, hidden, cell } = naiveForward(c, { ...push, state })
    const dot = (a: Float64Array, b: Float64Array): number => a.reduce((s, v, j) => s + v * b[j], 0)
    return dot(output, g.output) + dot(hidden, g.hidden) + (c.kind === 'lstm' ? dot(cell, g.cell) : 0)
  }
  return Float64Array.from({ length: c.batch * c.time }, (_, i) => {
    const at = { row: Math.floor(i / c.time), t: i % c.time }
    const slopes = Array.from({ length: c.hiddenSize }, (__, unit) =>
      (loss({ ...at, unit, delta }) - loss({ ...at, unit, delta: -delta })) / (2 * delta))
    return Math.hypot(...slopes)
  })
}

const shown = ({ kind, lengths, reverse = false }: Shape): string =>
  `${kind}${lengths === undefined ? '' : ', with lengths'}${reverse ? ', reversed' : ''}`

describe.each(cases.map((shape) => [shown(shape), shape] as const))('%s', (_, shape) => {
  const c = makeCase(shape)
  const g = cotangentsOf(c)

  it('is what central differences give, zero past each length', () => {
    const norms = normsOf(runCase(c, (values) => values).backward(g, { stateNorms: true }))
    expect(difference(norms.hidden, differences(c, g, 'hidden'))).toBeLessThan(1e-8)
    expect(norms.cell !== undefined).toBe(c.kind === 'lstm')
    if (norms.cell !== undefined) expect(difference(norms.cell, differences(c, g, 'cell'))).toBeLessThan(1e-8)
  })

  it.each(availableBackends())('is the same on %s, and changes no bit of the gradients', (backend) => {
    const exact = normsOf(runCase(c, (values) => values).backward(g, { stateNorms: true }))
    useBackend(backend, () => {
      const run = runCase(c, to32)
      const [asked, plain] = [run.backward(g, { stateNorms: true }), run.backward(g)]
      const norms = normsOf(asked)
      expect(difference(norms.hidden, exact.hidden)).toBeLessThan(1e-5)
      if (exact.cell !== undefined) expect(difference(norms.cell ?? new Float64Array(0), exact.cell)).toBeLessThan(1e-5)
      expect(plain).not.toHaveProperty('stateNorms')
      for (const name of differentiable) expect(asked[name]).toEqual(plain[name])
    })
  })
})

it.each(['elman', 'gru', 'lstm'] as const)('%s: the same over several groups of rows and blocks of steps', (kind) => {
  const lengths = Array.from({ length: 48 }, (_, b) => (b * 7) % 13)
  const c = makeCase({ kind, batch: 48, time: 12, inputSize: 9, hiddenSize: kind === 'elman' ? 514 : 171, lengths })
  const g = cotangentsOf(c)
  const run = runCase(c, to32)
  const [asked, plain] = [run.backward(g, { stateNorms: true }), run.backward(g)]
  for (const name of differentiable) expect(difference(asked[name] ?? new Float32Array(0), plain[name] ?? [])).toBe(0)
  const [norms, exact] = [normsOf(asked), normsOf(runCase(c, (values) => values).backward(g, { stateNorms: true }))]
  expect(difference(norms.hidden, exact.hidden)).toBeLessThan(1e-5)
  if (exact.cell !== undefined) expect(difference(norms.cell ?? new Float64Array(0), exact.cell)).toBeLessThan(1e-5)
})

it('keeps gradients whose squares would underflow, and says where there are none or no numbers', () => {
  const size = { batch: 1, time: 3 }
  const back = (weight: number, last: number) => {
    const { saved } = elmanForward({
      layout: size, inputSize: 1, hiddenSize: 1, nonlinearity: 'relu', keep: true,
      input: Float64Array.of(1, 1, 1), initialHidden: new Float64Array(1),
      weightIh: Float64Array.of(1), weightHh: Float64Array.of(weight),
    })
    return normsOf(elmanBackward(saved, { hidden: Float64Array.of(last) }, { stateNorms: true })).hidden
  }
  expect([...back(1e-100, 1)]).toEqual([expect.closeTo(1e-200, 210), expect.closeTo(1e-100, 110), 1])
  expect([...back(0, 1)]).toEqual([0, 0, 1])
  expect([...back(1e200, 1)]).toEqual([Infinity, 1e200, 1])
  expect([...back(1, NaN)]).toEqual([NaN, NaN, NaN])
})
