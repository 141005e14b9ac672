// The recurrent sequences on every backend: values against one row and one step at a time, gradients against central
// differences in float64, float32 against float64.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { availableBackends, useBackend } from '../src/index.ts'
import { runCase } from './runner.ts'
import type { Cotangents } from './runner.ts'
import { difference, differentiable, fill, makeCase, naiveForward, numbers, to32 } from './support.ts'
import type { Case, Shape } from './support.ts'

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    kind: fc.constantFrom('elman' as const, 'gru' as const, 'lstm' as const),
    nonlinearity: fc.constantFrom('tanh' as const, 'relu' as const),
    batch: fc.integer({ min: 0, max: 9 }),
    time: fc.integer({ min: 0, max: 7 }),
    inputSize: fc.integer({ min: 1, max: 11 }),
    hiddenSize: fc.integer({ min: 1, max: 19 }),
    reverse: fc.boolean(),
    ragged: fc.boolean(),
    biases: fc.constantFrom('both' as const, 'input' as const, 'hidden' as const, 'none' as const),
    seed: fc.nat(),
  })
  .map(({ ragged, ...shape }) => {
    const next = numbers(shape.seed)
    const lengths = Array.from({ length: shape.batch }, () => Math.floor(((next() + 1) / 2) * (shape.time + 1)))
    return ragged ? { ...shape, lengths } : shape
  })

const cotangentsOf = (c: Case): Required<Cotangents> => {
  const next = numbers(99)
  return {
    output: fill(c.batch * c.time * c.hiddenSize, next),
    hidden: fill(c.batch * c.hiddenSize, next),
    cell: c.kind === 'lstm' ? fill(c.batch * c.hiddenSize, next) : new Float64Array(c.batch * c.hiddenSize),
  }
}

const wide = (values: Float64Array): Float64Array => values

describe('sequences in float64', () => {
  it('equal one row and one step at a time', () => {
    fc.assert(fc.property(shapes, (shape) => {
      const c = makeCase(shape)
      const expected = naiveForward(c)
      const got = runCase(c, wide)
      expect(difference(got.output, expected.output)).toBeLessThan(1e-12)
      expect(difference(got.hidden, expected.hidden)).toBeLessThan(1e-12)
      if (got.cell !== undefined) expect(difference(got.cell, expected.cell)).toBeLessThan(1e-12)
    }))
  })

  it('have the gradients of central differences', () => {
    fc.assert(fc.property(shapes.filter((s) => s.batch > 0 && s.time > 0), fc.nat(), (shape, pick) => {
      const c = makeCase({ ...shape, nonlinearity: 'tanh' })
      const g = cotangentsOf(c)
      const gradients = runCase(c, wide).backward(g)
      for (const name of differentiable) {
        const values = c[name]
        const got = gradients[name]
        if (values === undefined || (name === 'initialCell' && c.kind !== 'lstm')) {
          expect(got).toBeUndefined()
          continue
        }
        if (got === undefined) throw new Error(`no gradient of ${name}`)
        expect(got.length).toBe(values.length)
        for (const i of [pick % values.length, (pick * 7919 + 13) % values.length]) {
          expect(Math.abs(got[i] - slope(c, name, i, g)), `${c.kind} ${name}[${i}]`).toBeLessThan(1e-7)
        }
      }
    }), { numRuns: 60 })
  })

  it('have the gradients of central differences with relu, away from its corner', () => {
    const sizes = { batch: 3, time: 4, inputSize: 3, hiddenSize: 5 }
    const c = makeCase({ kind: 'elman', nonlinearity: 'relu', ...sizes, lengths: [4, 0, 2] })
    const g = cotangentsOf(c)
    const gradients = runCase(c, wide).backward(g)
    for (const name of ['input', 'initialHidden', 'weightIh', 'weightHh', 'biasIh', 'biasHh'] as const) {
      const got = gradients[name]
      for (let i = 0; i < (got?.length ?? 0); i += 1) {
        expect(Math.abs((got?.[i] ?? NaN) - slope(c, name, i, g)), `${name}[${i}]`).toBeLessThan(1e-7)
      }
    }
  })

  it('add up the gradients of their outputs, each of which may be absent', () => {
    for (const kind of ['elman', 'gru', 'lstm'] as const) {
      const c = makeCase({ kind, batch: 3, time: 4, inputSize: 2, hiddenSize: 3, lengths: [2, 4, 0] })
      const g = cotangentsOf(c)
      const run = runCase(c, wide)
      const whole = run.backward(g)
      const parts = [{ output: g.output }, { hidden: g.hidden }, { cell: g.cell }].map((part) => run.backward(part))
      const sum = whole.weightHh.map((_, i) => parts.reduce((s, part) => s + part.weightHh[i], 0))
      expect(difference(whole.weightHh, sum)).toBeLessThan(1e-12)
      const nothing = run.backward({})
      for (const name of differentiable) expect(nothing[name]?.every((v) => v === 0) ?? true).toBe(true)
    }
  })
})

/** The slope of sum(outputs * cotangents) along one element, by central differences on the naive implementation. */
function slope(c: Case, name: (typeof differentiable)[number], i: number, g: Required<Cotangents>): number {
  const h = 1e-5
  const at = (delta: number): number => {
    const moved = c[name]?.slice() ?? new Float64Array(0)
    moved[i] += delta
    const { output, hidden, cell } = naiveForward({ ...c, [name]: moved })
    const dot = (a: Float64Array, b: Float64Array): number => a.reduce((s, v, j) => s + v * b[j], 0)
    return dot(output, g.output) + dot(hidden, g.hidden) + dot(cell, g.cell)
  }
  return (at(h) - at(-h)) / (2 * h)
}

describe.each(availableBackends())('sequences in float32 on %s', (name) => {
  const check = (shape: Shape): void => {
    const rounded = makeCase(shape)
    const c = { ...rounded }
    for (const key of differentiable) {
      const values = c[key]
      if (values !== undefined) c[key] = Float64Array.from(to32(values))
    }
    const exact = runCase(c, wide)
    const g = cotangentsOf(c)
    useBackend(name, () => {
      const got = runCase(c, to32)
      expect(difference(got.output, exact.output)).toBeLessThan(1e-5)
      expect(difference(got.hidden, exact.hidden)).toBeLessThan(1e-5)
      expect(difference(got.cell ?? to32(exact.hidden), exact.cell ?? exact.hidden)).toBeLessThan(1e-5)
      const [gradients, expected] = [got.backward(g), exact.backward(g)]
      expect(Object.keys(gradients).sort()).toEqual(Object.keys(expected).sort())
      for (const key of differentiable) {
        const [a, b] = [gradients[key], expected[key]]
        if (a === undefined || b === undefined) continue
        const size = b.reduce((largest, v) => Math.max(largest, Math.abs(v)), 1)
        expect(difference(a, b) / size, `${c.kind} ${key}`).toBeLessThan(1e-5)
      }
    })
  }

  it('equal float64', () => {
    fc.assert(fc.property(shapes.filter((s) => s.nonlinearity !== 'relu'), check))
  })

  it('equal float64 with relu', () => {
    const sizes = { batch: 5, time: 6, inputSize: 7, hiddenSize: 9 }
    check({ kind: 'elman', nonlinearity: 'relu', ...sizes, lengths: [6, 1, 0, 3, 3] })
  })

  it.each(['elman', 'gru', 'lstm'] as const)('equal float64 where blocks and panels are crossed: %s', (kind) => {
    check({ kind, batch: 33, time: 12, inputSize: 70, hiddenSize: 65 })
    const lengths = Array.from({ length: 37 }, (_, b) => (b * 5) % 10)
    check({ kind, batch: 37, time: 9, inputSize: 13, hiddenSize: 50, lengths, reverse: true })
  })

  it.each([
    { kind: 'elman' as const, hiddenSize: 514 }, { kind: 'gru' as const, hiddenSize: 171 },
    { kind: 'lstm' as const, hiddenSize: 130 },
  ])('equal float64 over several groups of rows and blocks of steps: $kind', ({ kind, hiddenSize }) => {
    const lengths = Array.from({ length: 48 }, (_, b) => (b * 7) % 13)
    check({ kind, batch: 48, time: 12, inputSize: 9, hiddenSize, lengths })
    check({ kind, batch: 48, time: 12, inputSize: 9, hiddenSize, lengths, reverse: true })
    if (kind === 'lstm') check({ kind, batch: 40, time: 8, inputSize: 9, hiddenSize })
  })

  it('go back more than once with the same result, from what another backend saved', () => {
    for (const kind of ['elman', 'gru', 'lstm'] as const) {
      const c = makeCase({ kind, batch: 4, time: 5, inputSize: 3, hiddenSize: 6, lengths: [5, 2, 0, 4] })
      const g = cotangentsOf(c)
      const run = useBackend(name, () => runCase(c, to32))
      const [first, second] = useBackend(name, () => [run.backward(g), run.backward(g)])
      expect(second).toEqual(first)
      for (const other of availableBackends()) {
        const gradients = useBackend(other, () => run.backward(g))
        for (const key of differentiable) {
          const [a, b] = [gradients[key], first[key]]
          if (a !== undefined && b !== undefined) expect(difference(a, b)).toBeLessThan(1e-5)
        }
      }
    }
  })
})
