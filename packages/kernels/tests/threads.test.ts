// Threads on one memory: every kernel gives the same bits whatever their number, and whatever becomes of them. Not
// here: whether the bits are right, which the other files say of one thread.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableBackends } from '../src/index.ts'
import { relaxedSimd } from '../src/generated/relaxed-simd.ts'
import { order } from '../src/generated/order.ts'
import { simd } from '../src/generated/simd.ts'
import { filtersOf } from '../src/patches.ts'
import type { Sizes } from '../src/patches.ts'
import { planOf } from '../src/plan.ts'
import { ARGUMENTS, BOUNDS, COUNT, DONE, KERNEL, LEFT, MOST_PARTS, PARTS } from '../src/wasm/board.ts'
import { decodeBytes } from '../src/wasm/bytes.ts'
import { convolveWasm, filterGradientWasm, spreadWasm } from '../src/wasm/convolution.ts'
import { Crew } from '../src/wasm/crew.ts'
import { elementwiseWasm, softmaxWasm } from '../src/wasm/elementwise.ts'
import { elmanBackwardWasm, elmanForwardWasm } from '../src/wasm/elman.ts'
import { gruBackwardWasm, gruForwardWasm } from '../src/wasm/gru.ts'
import { lstmBackwardWasm, lstmForwardWasm } from '../src/wasm/lstm.ts'
import { alone, instance, Machine } from '../src/wasm/machine.ts'
import { multiplyWasm } from '../src/wasm/multiply.ts'
import { Pace } from '../src/wasm/pace.ts'
import { fallingParts, placeParts, shares } from '../src/wasm/shares.ts'
import { fill, makeCase, numbers, to32 } from './support.ts'
import type { Shape } from './support.ts'

const builds = [['relaxed-simd', relaxedSimd], ['simd', simd]] as const
const always = { together: () => true, rests: () => false, note: () => undefined }

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => {
  const { setTimeout } = globalThis as unknown as { setTimeout(run: () => void, milliseconds: number): void }
  setTimeout(resolve, milliseconds)
})

/** Waits for what threads do, with nothing but time to go by. */
async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !done(); i += 1) await wait(10)
  expect(done()).toBeTruthy()
}

/** Where two lists of arrays first differ in their bits; comparing arrays element by element as values takes long. */
function difference(got: readonly Float32Array[], expected: readonly Float32Array[]): string {
  expect(got.map(array => array.length)).toEqual(expected.map(array => array.length))
  for (const [i, array] of got.entries()) {
    const [a, b] = [array, expected[i]].map(floats => new Uint32Array(floats.buffer, floats.byteOffset, floats.length))
    const at = a.findIndex((bits, j) => bits !== b[j])
    if (at >= 0) return `array ${i}, element ${at}: ${array[at]}, not ${expected[i][at]}`
  }
  return 'none'
}

const values = (length: number, seed: number): Float32Array => to32(fill(length, numbers(seed)))

/** All that a forward and a backward pass give. */
function passes(machine: Machine, shape: Shape): Float32Array[] {
  const c = makeCase(shape)
  const [batch, time, n] = [c.batch, c.time, c.hiddenSize]
  const plan = planOf({ batch, time, lengths: c.lengths, reverse: c.reverse })
  const problem = {
    layout: { batch, time, lengths: c.lengths, reverse: c.reverse }, inputSize: c.inputSize, hiddenSize: n, keep: true,
    input: to32(c.input), initialHidden: to32(c.initialHidden), initialCell: to32(c.initialCell),
    weightIh: to32(c.weightIh), weightHh: to32(c.weightHh),
    biasIh: c.biasIh && to32(c.biasIh), biasHh: c.biasHh && to32(c.biasHh), nonlinearity: c.nonlinearity,
  } as const
  const given = {
    gradients: { output: values(batch * time * n, 7), hidden: values(batch * n, 8), cell: values(batch * n, 9) },
    options: {},
  }
  const { forward, backward } = {
    elman: { forward: elmanForwardWasm, backward: elmanBackwardWasm },
    gru: { forward: gruForwardWasm, backward: gruBackwardWasm },
    lstm: { forward: lstmForwardWasm, backward: lstmBackwardWasm },
  }[c.kind]
  const { held, ...outputs } = forward(machine, problem, plan)
  const gradients = backward(held, problem, plan, given)
  machine.release(held.slot)
  return Object.values<unknown>({ ...outputs, ...gradients }) as Float32Array[]
}

const shapes: readonly (readonly [name: string, shape: Omit<Shape, 'kind'>])[] = [
  ['whole rows', { batch: 32, time: 12, inputSize: 24, hiddenSize: 40 }],
  ['odd sizes', { batch: 29, time: 11, inputSize: 13, hiddenSize: 37, biases: 'hidden' }],
  ['lengths, some of them 0', {
    batch: 33, time: 21, inputSize: 17, hiddenSize: 33, lengths: Array.from({ length: 33 }, (_, i) => (i * 8) % 22),
  }],
  ['lengths, backwards', {
    batch: 24, time: 30, inputSize: 9, hiddenSize: 50, reverse: true,
    lengths: Array.from({ length: 24 }, (_, i) => (i === 5 ? 30 : i % 4)),
  }],
  ['several blocks of steps', { batch: 40, time: 40, inputSize: 20, hiddenSize: 64 }],
]

function products(machine: Machine): Float32Array[] {
  return [[70, 65, 129], [301, 7, 300], [64, 250, 33], [13, 640, 90]].flatMap(([m, n, k]) =>
    [false, true].flatMap(transposeA => [false, true].map((transposeB) => {
      const out = values(m * n, 3)
      const arrays = { out, a: values(m * k, 1), b: values(k * n, 2) }
      multiplyWasm(machine, arrays, {
        m, n, k, transposeA, transposeB, accumulate: transposeA !== transposeB, versionB: undefined,
      })
      return out
    })))
}

function convolutions(machine: Machine): Float32Array[] {
  const common = { batch: 5, inputChannels: 6, outputChannels: 14, kernel: [3, 3], dilation: [1, 1] } as const
  const all: readonly Sizes[] = [
    { ...common, input: [19, 18], output: [19, 18], stride: [1, 1], padding: [1, 1], groups: 1 },
    { ...common, input: [21, 23], output: [10, 11], stride: [2, 2], padding: [0, 0], groups: 2 },
  ]
  return all.flatMap((sizes) => {
    const { batch, inputChannels, outputChannels, groups } = sizes
    const x = values(batch * inputChannels * sizes.input[0] * sizes.input[1], 1)
    const dy = values(batch * outputChannels * sizes.output[0] * sizes.output[1], 2)
    const weight = values(outputChannels * (inputChannels / groups) * 9, 3)
    const [out, dx, dw] = [dy, x, weight].map(like => new Float32Array(like.length))
    convolveWasm(machine, { out, x, weight }, sizes, filtersOf(sizes))
    spreadWasm(machine, { dx, dy, weight }, sizes)
    filterGradientWasm(machine, { dw, x, dy }, sizes)
    return [out, dx, dw]
  })
}

function functions(machine: Machine): Float32Array[] {
  const x = values(30_011, 5)
  const plain = (['exp', 'tanh', 'sigmoid'] as const).map((name) => {
    const out = new Float32Array(x.length)
    elementwiseWasm(machine, name, out, x)
    return out
  })
  const rows = [false, true].map((logarithm) => {
    const out = new Float32Array(x.length)
    softmaxWasm(machine, out, x, { columns: x.length, logarithm })
    return out
  })
  const many = values(37 * 301, 6)
  const out = new Float32Array(many.length)
  softmaxWasm(machine, out, many, { columns: 37, logarithm: false })
  return [...plain, ...rows, out]
}

describe.each(builds.filter(([name]) => availableBackends().includes(name)))('threads with %s', (_, text) => {
  const bytes = decodeBytes(text, order)
  const one = new Machine(alone(bytes))
  const crews: Crew[] = []
  beforeAll(async () => {
    for (const size of [2, 3]) crews.push(new Crew({ bytes, make: instance }, size, always))
    await until(() => crews.every(crew => crew.threads === crew.size))
  })
  afterAll(() => {
    for (const crew of crews) void crew.end()
  })

  it.each(['elman', 'gru', 'lstm'] as const)('give the bits of one: %s', (kind) => {
    for (const [name, shape] of shapes) {
      const expected = passes(one, { kind, ...shape })
      for (const crew of crews) {
        expect(difference(passes(new Machine(crew), { kind, ...shape }), expected), name).toBe('none')
      }
    }
  })

  it.each([['products', products], ['convolutions', convolutions], ['functions', functions]])(
    'give the bits of one: %s', (_name, run) => {
      const expected = run(one)
      for (const crew of crews) expect(difference(run(new Machine(crew)), expected)).toBe('none')
    },
  )

  it('do what is on the board when the caller does not', async () => {
    const [crew] = crews
    const { exports, memory: { buffer } } = crew
    const board = Math.ceil(exports.heapBase() / 64) * 64
    const [words, floats] = [new Int32Array(buffer), new Float32Array(buffer)]
    const at = Math.ceil(crew.base / 16) * 16
    floats.fill(0, at / 4, at / 4 + 8)
    const job = words.subarray(board / 4)
    job[KERNEL] = Object.keys(shares).indexOf('exp')
    job[PARTS] = 2
    job[COUNT] = 1
    job[ARGUMENTS] = at
    job.set([0, 4, 8], BOUNDS)
    Atomics.store(job, DONE, 0)
    Atomics.store(job, LEFT, 2)
    Atomics.notify(job, LEFT)
    await until(() => Atomics.load(job, DONE) === 2)
    expect(floats.slice(at / 4, at / 4 + 8)).toEqual(new Float32Array(8).fill(1))
  })

  it('need not be there any longer: the caller does what they leave', async () => {
    const crew = new Crew({ bytes, make: instance }, 2, always)
    await until(() => crew.threads === crew.size)
    await Promise.all(crew.end())
    expect(difference(products(new Machine(crew)), products(one))).toBe('none')
  })

  it('grow the memory together', async () => {
    const crew = new Crew({ bytes, make: instance }, 2, always)
    await until(() => crew.threads === crew.size)
    const machine = new Machine(crew)
    const before = crew.memory.buffer.byteLength
    const shape = { kind: 'gru', batch: 64, time: 50, inputSize: 40, hiddenSize: 48 } as const
    expect(difference(passes(machine, shape), passes(one, shape))).toBe('none')
    expect(crew.memory.buffer.byteLength).toBeGreaterThan(before)
    void crew.end()
  })
})

describe('parts', () => {
  const cut = fc.record({
    grain: fc.integer({ min: 1, max: 16 }), least: fc.integer({ min: 1, max: 50 }), threads: fc.integer({ min: 2, max: 32 }),
  })

  it('are whole grains that get smaller, and cover the range once', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 100_000 }), cut, (items, { grain, least, threads }) => {
      const bounds = fallingParts(0, items, { grain, least, threads })
      expect([bounds[0], bounds.at(-1)]).toEqual([0, items])
      expect(bounds.length - 1).toBeLessThanOrEqual(MOST_PARTS)
      const sizes = bounds.slice(1).map((bound, i) => bound - bounds[i])
      // The last one takes what would be too little for a part.
      for (const [i, size] of sizes.slice(0, -1).entries()) {
        expect(size % grain).toBe(0)
        expect(size).toBeGreaterThanOrEqual(least)
        expect(size).toBeLessThanOrEqual(i === 0 ? items / (2 * threads) + least + grain : sizes[i - 1])
      }
    }))
  })

  it('leave little to wait for at the end', () => {
    const bounds = fallingParts(0, 6000, { grain: 6, least: 1, threads: 2 })
    expect(bounds[1]).toBe(1500)
    expect(6000 - (bounds.at(-2) ?? 0)).toBeLessThan(6000 / 2 / 8)
  })

  it('of places are few, and those of a size have nearly equal numbers of steps', () => {
    fc.assert(fc.property(
      fc.array(fc.nat(40), { minLength: 1, maxLength: 200 }), fc.integer({ min: 2, max: 8 }), (lengths, threads) => {
        const plan = planOf({ batch: lengths.length, time: 40, lengths: Int32Array.from(lengths) })
        const bounds = placeParts(plan.active, plan.batch, threads)
        expect([bounds[0], bounds.at(-1)]).toEqual([0, plan.batch])
        expect(bounds.length - 1).toBeLessThanOrEqual(2 * threads)
        const sorted = lengths.toSorted((a, b) => b - a)
        bounds.slice(1).forEach((end, i) => {
          expect(end).toBeGreaterThan(bounds[i])
          const steps = sorted.slice(bounds[i], end).reduce((sum, length) => sum + length, 0)
          const share = plan.batch < 12 * threads ? 1 : i < threads ? 5 / 8 : 3 / 8
          expect(steps).toBeLessThanOrEqual((share * plan.rows) / threads + 80)
        })
      },
    ))
    const whole = planOf({ batch: 32, time: 9 })
    expect(placeParts(whole.active, 32, 2)).toEqual([0, 10, 20, 26, 32])
    expect(placeParts(whole.active, 32, 4)).toEqual([0, 8, 16, 24, 32])
  })
})

describe('pace', () => {
  /** What a job takes in milliseconds, one way and the other, at a time. */
  type Machine = (together: boolean, now: number) => number

  /** Jobs one after another for so many milliseconds; gives the time that they take, against doing all one way. */
  function cost(pace: Pace, machine: Machine, { from = 0, milliseconds, way }: { from?: number; milliseconds: number; way: boolean }): number {
    let now = from
    let best = 0
    while (now < from + milliseconds) {
      const together = pace.together(now)
      best += machine(way, now)
      const end = now + machine(together, now)
      pace.note(0, { together, work: 1000, start: now, end })
      now = end
    }
    return (now - from) / best
  }

  const quicker: Machine = together => (together ? 0.6 : 1)
  const slower: Machine = together => (together ? 2 : 1)

  it('keeps together what is quicker so', () => {
    expect(cost(new Pace(), quicker, { milliseconds: 20_000, way: true })).toBeLessThan(1.02)
  })

  it('leaves it alone where the cores are busy, and comes back when they no longer are', () => {
    const pace = new Pace()
    expect(cost(pace, slower, { milliseconds: 20_000, way: false })).toBeLessThan(1.03)
    cost(pace, quicker, { from: 20_000, milliseconds: 5000, way: true })
    expect(cost(pace, quicker, { from: 25_000, milliseconds: 10_000, way: true })).toBeLessThan(1.02)
  })

  it('is not taken in by a machine whose speed changes', () => {
    for (const period of [3, 70, 900, 5000]) {
      const speed = (now: number): number => (Math.floor(now / period) % 2 === 0 ? 1 : 2.2)
      const changing = (machine: Machine): Machine => (together, now) => machine(together, now) * speed(now)
      expect(cost(new Pace(), changing(quicker), { milliseconds: 30_000, way: true }), `${period}`).toBeLessThan(1.05)
      expect(cost(new Pace(), changing(slower), { milliseconds: 30_000, way: false }), `${period}`).toBeLessThan(1.05)
    }
  })

  it('compares each kind of job with its own', () => {
    const pace = new Pace()
    let [now, count] = [0, 0]
    for (let i = 0; i < 4000; i += 1) {
      // The second kind takes ten times as long for as much work, and comes in runs.
      const kind = Math.floor(i / 5) % 2
      const together = pace.together(now)
      const end = now + (together ? 0.6 : 1) * (kind === 0 ? 1 : 10)
      pace.note(kind, { together, work: 1000, start: now, end })
      now = end
      if (together) count += 1
    }
    expect(count / 4000).toBeGreaterThan(0.95)
  })
})
