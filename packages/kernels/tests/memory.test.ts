// What is kept in WebAssembly memory between a forward and its backward pass: where slots lie, when they are taken
// back, and that nothing goes wrong whatever the order of the passes. Not here: the values of a single pass.
import { describe, expect, it } from 'vitest'
import { availableBackends, matrixMultiply, useBackend } from '../src/index.ts'
import { Slots } from '../src/wasm/slots.ts'
import { runCase } from './runner.ts'
import type { Cotangents } from './runner.ts'
import { fill, makeCase, numbers, to32 } from './support.ts'
import type { Case } from './support.ts'

describe('slots', () => {
  it('lie behind one another and fill the gaps that are left', () => {
    const slots = new Slots(64)
    const [a, b, c] = [slots.keep(32), slots.keep(48), slots.keep(16)]
    expect([a.at, b.at, c.at, slots.end]).toEqual([64, 96, 144, 160])
    slots.release(b)
    expect(slots.keep(64).at).toBe(160)
    expect(slots.keep(48).at).toBe(96)
    slots.release(a)
    expect([slots.keep(16).at, slots.keep(16).at]).toEqual([64, 80])
  })

  it('give their room back from the end', () => {
    const slots = new Slots(0)
    const [a, b] = [slots.keep(16), slots.keep(16)]
    slots.release(b)
    expect(slots.end).toBe(16)
    slots.release(a)
    slots.release(a)
    expect(slots.end).toBe(0)
  })

  it('take the oldest back when together they would be too large', () => {
    const slots = new Slots(0)
    const half = 2 ** 29
    const [a, b] = [slots.keep(half), slots.keep(half)]
    const c = slots.keep(16)
    expect([a.valid, b.valid, c.valid]).toEqual([false, true, true])
    const whole = slots.keep(2 ** 31)
    expect([b.valid, c.valid, whole.valid, whole.at]).toEqual([false, false, true, 0])
    slots.clear()
    expect([whole.valid, slots.end]).toEqual([false, 0])
  })
})

const cases = (['lstm', 'gru', 'elman', 'lstm'] as const).map((kind, i) =>
  makeCase({ kind, batch: 3 + i, time: 4 + i, inputSize: 5, hiddenSize: 6 + i, seed: i }))

const cotangents = (c: Case): Cotangents => ({ output: fill(c.batch * c.time * c.hiddenSize, numbers(c.batch)) })

describe.each(availableBackends())('passes on %s', (name) => {
  it('do not disturb one another, in whatever order they go back', () => {
    useBackend(name, () => {
      const alone = cases.map(c => runCase(c, to32).backward(cotangents(c)))
      const runs = cases.map(c => runCase(c, to32))
      matrixMultiply(new Float32Array(300 * 300), new Float32Array(300 * 300), new Float32Array(300 * 300), {
        m: 300, n: 300, k: 300,
      })
      for (const i of [1, 3, 0, 2]) {
        runCase(cases[i], to32)
        expect(runs[i].backward(cotangents(cases[i])), `case ${i}`).toEqual(alone[i])
      }
      expect(runs.map((run, i) => run.backward(cotangents(cases[i])))).toEqual(alone)
    })
  })

  it('that never go back do not pile up', () => {
    useBackend(name, () => {
      const [c] = cases
      const expected = runCase(c, to32).backward(cotangents(c))
      const big = makeCase({ kind: 'lstm', batch: 64, time: 64, inputSize: 8, hiddenSize: 32 })
      const rounds = name === 'javascript' ? 2 : 40
      for (let i = 0; i < rounds; i += 1) runCase(big, to32)
      expect(runCase(c, to32).backward(cotangents(c))).toEqual(expected)
    })
  })
})
