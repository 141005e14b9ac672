// Threads on one memory: every kernel gives the same bits whatever their number, and whatever becomes of them. Not
// here: whether the bits are right, which the other files say of one thread.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableBackends } from '../src/index.ts'
import { relaxedSimd } from '../src/generated/relaxed-simd.ts'
import { order } from '../src/generated/order.ts'
import { simd } from '../src/generated/simd.ts'
import { filtersOf } from '../src/patches.ts'
import type { Sizes } from '../src/patches.ts'
import { planOf } from '../src/plan.ts'
import {
  ALL, CALL_WORDS, CALLS, COUNT, DONE, JOBS, MOST_STEPS, STEPS, STREAM_WORDS, STREAMS, TAKEN_BITS,
} from '../src/wasm/board.ts'
import { decodeBytes } from '../src/wasm/bytes.ts'
import { convolveWasm, filterGradientWasm, spreadWasm } from '../src/wasm/convolution.ts'
import { Crew } from '../src/wasm/crew.ts'
import { elmanBackwardWasm, elmanForwardWasm } from '../src/wasm/elman.ts'
import { gruBackwardWasm, gruForwardWasm } from '../src/wasm/gru.ts'
import { lstmBackwardWasm, lstmForwardWasm } from '../src/wasm/lstm.ts'
import { alone, instance, Machine } from '../src/wasm/machine.ts'
import { multiplyWasm } from '../src/wasm/multiply.ts'
import { shares } from '../src/wasm/shares.ts'
import { fill, makeCase, numbers, to32 } from './support.ts'
import type { Shape } from './support.ts'

const builds = [['relaxed-simd', relaxedSimd], ['simd', simd]] as const
const pace = { together: () => true, tries: () => false, rests: () => false, note: () => undefined }

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

/** Each of them large enough for groups of its rows. */
const shapes: readonly (readonly [name: string, shape: Omit<Shape, 'kind'>])[] = [
  ['whole rows', { batch: 64, time: 40, inputSize: 40, hiddenSize: 72 }],
  ['odd sizes', { batch: 61, time: 37, inputSize: 33, hiddenSize: 77, biases: 'hidden' }],
  ['lengths, some of them 0', {
    batch: 66, time: 42, inputSize: 40, hiddenSize: 81, lengths: Array.from({ length: 66 }, (_, i) => (i * 8) % 43),
  }],
  ['lengths, backwards', {
    batch: 48, time: 60, inputSize: 31, hiddenSize: 100, reverse: true,
    lengths: Array.from({ length: 48 }, (_, i) => (i === 5 ? 60 : (i * 7) % 40)),
  }],
  ['one group', { batch: 24, time: 30, inputSize: 9, hiddenSize: 50 }],
]

function products(machine: Machine): Float32Array[] {
  return [
    [70, 65, 129], [301, 7, 300], [64, 250, 33], [13, 640, 90], [3000, 30, 41], [40, 30, 2100], [33, 8, 1201],
    [700, 500, 1025],
  ].flatMap(([m, n, k]) =>
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

describe.each(builds.filter(([name]) => availableBackends().includes(name)))('threads with %s', (_, text) => {
  const bytes = decodeBytes(text, order)
  const one = new Machine(alone(bytes))
  const crews: Crew[] = []
  beforeAll(async () => {
    for (const size of [2, 3]) crews.push(new Crew({ bytes, make: instance }, size, { pace }))
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

  it.each([['products', products], ['convolutions', convolutions]])(
    'give the bits of one: %s', (_name, run) => {
      const expected = run(one)
      for (const crew of crews) expect(difference(run(new Machine(crew)), expected)).toBe('none')
    },
  )

  it('do lanes of more steps and calls than the board has room for, each of them once and in its order', () => {
    for (const crew of crews) {
      const machine = new Machine(crew)
      const { exports } = machine
      const [columns, steps, lanes] = [1000, MOST_STEPS, 3]
      // Steps of the first stage add the first row to the second, those of the second stage add that to the third.
      const at = Array.from({ length: lanes }, () => machine.take(3 * columns))
      for (const lane of at) {
        machine.zero(lane, 3 * columns)
        machine.write(lane, new Float32Array(columns).fill(1))
      }
      const add = (lane: number, row: number) => (): void => {
        const from = lane + 4 * columns * row
        for (const half of [0, columns / 2]) {
          exports.sumRows(from + 4 * columns, from, 4 * columns, 1, half, half + columns / 2)
        }
      }
      machine.sideBySide(at.map(lane => ({ steps, stages: [add(lane, 0), add(lane, 1)] })))
      for (const lane of at) {
        expect(machine.view(lane + 4 * columns, columns).every(sum => sum === steps)).toBeTruthy()
        // 1 + 2 + 3 and so on, where no step of the first stage came later than its own of the second, and at most all
        // of them earlier.
        const [first, ...others] = machine.view(lane + 8 * columns, columns)
        expect(first).toBeGreaterThanOrEqual((steps * (steps + 1)) / 2)
        expect(first).toBeLessThanOrEqual(steps * steps)
        expect(others.every(sum => sum >= (steps * (steps + 1)) / 2 && sum <= steps * steps)).toBeTruthy()
      }
    }
  })

  it('leave copies to the caller, in their turn', () => {
    for (const crew of crews) {
      const machine = new Machine(crew)
      const [columns, steps] = [1000, 40]
      const sums = Array.from({ length: 3 }, (_, lane) => {
        const at = machine.take(2 * columns)
        machine.zero(at, 2 * columns)
        const [given, taken] = [new Float32Array(columns), new Float32Array(columns)]
        const stage = (step: number): void => {
          if (step % 3 === 0) machine.inTurn(() => { machine.write(at + 4 * columns, given.fill(lane + step)) })
          else if (step % 3 === 1) machine.exports.sumRows(at, at + 4 * columns, 4 * columns, 1, 0, columns)
          else machine.inTurn(() => { machine.read(at, taken, 0, columns) })
        }
        return { taken, lane: { steps: 3 * steps, stages: [stage] } }
      })
      machine.sideBySide(sums.map(({ lane }) => lane))
      // 0 + 3 + 6 and so on, and the number of the lane each time.
      const expected = sums.map((_, lane) => steps * lane + (3 * steps * (steps - 1)) / 2)
      sums.forEach(({ taken }, lane) => { expect(new Set(taken)).toEqual(new Set([expected[lane]])) })
    }
  })

  it('do nothing of lanes when an error came while they were gathered', () => {
    const [crew] = crews
    const machine = new Machine(crew)
    const at = machine.take(4)
    machine.write(at, Float32Array.of(1, 0, 0, 0))
    const add = (): void => { machine.exports.sumRows(at + 4, at, 4, 1, 0, 1) }
    const fail = (): void => { throw new Error('between') }
    expect(() => { machine.sideBySide([add, fail].map(stage => ({ steps: 1, stages: [stage] }))) }).toThrow('between')
    machine.exports.sumRows(at + 8, at, 4, 1, 0, 1)
    expect(machine.view(at, 4)).toEqual(Float32Array.of(1, 0, 1, 0))
  })

  it('do what is on the board when the caller does not', async () => {
    const [crew] = crews
    const { exports, memory: { buffer } } = crew
    const board = Math.ceil(exports.heapBase() / 64) * 64
    const [words, floats] = [new Int32Array(buffer), new Float32Array(buffer)]
    const at = Math.ceil(crew.base / 16) * 16
    // Two rows of eight, and their sum.
    floats.fill(0.5, at / 4, at / 4 + 16)
    floats.fill(0, at / 4 + 16, at / 4 + 24)
    const job = words.subarray(board / 4)
    // Two streams of a step each, the second of which comes after the first, and one whose step is the caller's.
    job[ALL] = 3
    job[COUNT] = 3
    job.set([Object.keys(shares).indexOf('sumRows'), 6, at + 64, at, 32, 2, 0, 4], CALLS)
    job.set([Object.keys(shares).indexOf('sumRows'), 6, at + 80, at + 64, 32, 1, 0, 4], CALLS + CALL_WORDS)
    job.set([0, 2, 4 + 1, 4], STEPS)
    job.set([0, 0, 1, 0], STREAMS)
    job.set([0, 1, 1, STREAMS], STREAMS + STREAM_WORDS)
    job.set([0, 2, 1, 0], STREAMS + 2 * STREAM_WORDS)
    Atomics.store(job, DONE, 0)
    for (const stream of [2, 1, 0]) Atomics.store(job, STREAMS + STREAM_WORDS * stream, 1 << TAKEN_BITS)
    Atomics.add(job, JOBS, 1)
    Atomics.notify(job, JOBS)
    await until(() => Atomics.load(job, DONE) === 2)
    expect(Atomics.load(job, STREAMS + 2 * STREAM_WORDS)).toBe(1 << TAKEN_BITS)
    Atomics.add(job, DONE, 1)
    expect(floats.slice(at / 4 + 16, at / 4 + 24)).toEqual(new Float32Array(8).fill(1))
  })

  it('need not be there any longer: the caller does what they leave', async () => {
    const crew = new Crew({ bytes, make: instance }, 2, { pace })
    await until(() => crew.threads === crew.size)
    await Promise.all(crew.end())
    expect(difference(products(new Machine(crew)), products(one))).toBe('none')
  })

  it('are left for good when one takes a part and does not come back', async () => {
    let stolen = false
    const make = (build: Uint8Array, shared: boolean): ReturnType<typeof instance> => {
      const made = instance(build, shared)
      const sumRows = (...args: Parameters<typeof made.exports.sumRows>): void => {
        const words = new Int32Array(made.memory.buffer, Math.ceil(made.exports.heapBase() / 64) * 64)
        // A step that nobody has taken is taken, and never done.
        const at = Array.from({ length: words[COUNT] }, (_, stream) => STREAMS + STREAM_WORDS * stream)
          .find(stream => words[stream] % 2 === 0 && ((words[stream] >> TAKEN_BITS) & 1) === 1)
        if (!stolen && at !== undefined) {
          const state = Atomics.load(words, at)
          stolen = Atomics.compareExchange(words, at, state, state | 1) === state
        }
        made.exports.sumRows(...args)
      }
      return { ...made, exports: { ...made.exports, sumRows } }
    }
    const crew = new Crew({ bytes, make }, 2, { pace, patience: 2 })
    await until(() => crew.threads === crew.size)
    const machine = new Machine(crew)
    const count = 500_000
    const at = machine.take(2 * count)
    // The other thread may have been so quick that nothing was left to steal.
    expect(() => {
      for (let i = 0; i < 100 && !stolen; i += 1) crew.exports.sumRows(at + 4 * count, at, 4, 1, 0, count)
    }).toThrow(
      'kernels: expected a thread to finish its part within 0.2 seconds, got no answer; from here on one thread does all',
    )
    expect([stolen, crew.broken]).toEqual([true, true])
    expect(difference(products(machine), products(one))).toBe('none')
    void crew.end()
  })

  it('are left for good after an error in the middle of a job', async () => {
    const crew = new Crew({ bytes, make: instance }, 2, { pace })
    await until(() => crew.threads === crew.size)
    expect(() => { crew.exports.sumRows(2 ** 31, 2 ** 31, 4, 1, 0, 2 ** 20) }).toThrow(/out of bounds/)
    expect(crew.broken).toBeTruthy()
    expect(difference(products(new Machine(crew)), products(one))).toBe('none')
    void crew.end()
  })

  it('grow the memory together', async () => {
    const crew = new Crew({ bytes, make: instance }, 2, { pace })
    await until(() => crew.threads === crew.size)
    const machine = new Machine(crew)
    const before = crew.memory.buffer.byteLength
    const shape = { kind: 'gru', batch: 64, time: 50, inputSize: 40, hiddenSize: 48 } as const
    expect(difference(passes(machine, shape), passes(one, shape))).toBe('none')
    expect(crew.memory.buffer.byteLength).toBeGreaterThan(before)
    void crew.end()
  })
})
