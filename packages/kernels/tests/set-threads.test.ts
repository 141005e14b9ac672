// The public face of threads: how many there are, what sets them, and that everything works without. Not here: what
// they compute (threads.test.ts).
import { afterEach, beforeEach, expect, expectTypeOf, it, vi } from 'vitest'
import type * as Kernels from '../src/index.ts'
import { MOST_THREADS } from '../src/wasm/board.ts'

interface Platform {
  readonly WebAssembly: { Memory: new (limits: { readonly shared?: boolean }) => object }
  readonly process: {
    readonly execPath: string
    env: Record<string, string | undefined>
    getBuiltinModule(name: 'node:child_process'): {
      spawnSync(command: string, args: readonly string[], options: object): { status: number | null; stdout: string }
    }
  }
}
const { WebAssembly, process } = globalThis as unknown as Platform

beforeEach(() => vi.resetModules())
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

/** A fresh copy of the package, without machine code ahead of WebAssembly. */
async function load(): Promise<typeof Kernels> {
  vi.stubEnv('OSTINATO_NATIVE', '0')
  return await import('../src/index.ts')
}

const size = 160
const square = (): Float32Array => Float32Array.from({ length: size * size }, (_, i) => (i % 7) - 3)

function product({ matrixMultiply }: typeof Kernels): Float32Array {
  const out = new Float32Array(size * size)
  matrixMultiply(out, square(), square(), { m: size, n: size, k: size })
  return out
}

it('is one until others are asked for, and one again when that is asked for', async () => {
  const kernels = await load()
  const { setThreads, threads } = kernels
  const alone = product(kernels)
  expect(threads()).toBe(1)
  expect(await setThreads(3)).toBe(3)
  expect(threads()).toBe(3)
  for (let i = 0; i < 50; i += 1) product(kernels)
  expect(product(kernels)).toEqual(alone)
  expect(await setThreads(1)).toBe(1)
  expect(threads()).toBe(1)
  expect(product(kernels)).toEqual(alone)
})

it('is one on another backend, which goes on as it was', async () => {
  const kernels = await load()
  await kernels.setThreads(2)
  kernels.useBackend('javascript', () => {
    expect(kernels.threads()).toBe(1)
    expect(product(kernels)).toEqual(product(kernels))
  })
  expect(kernels.threads()).toBe(2)
  await kernels.setThreads(1)
})

it('a backward pass may come after the threads', async () => {
  const kernels = await load()
  const { gruBackward, gruForward, setThreads } = kernels
  const [batch, time, inputSize, hiddenSize] = [24, 20, 16, 24]
  const problem = {
    layout: { batch, time }, inputSize, hiddenSize, keep: true,
    input: square().subarray(0, batch * time * inputSize), initialHidden: new Float32Array(batch * hiddenSize),
    weightIh: square().subarray(0, 3 * hiddenSize * inputSize).map(x => x / 9),
    weightHh: square().subarray(0, 3 * hiddenSize * hiddenSize).map(x => x / 9),
  } as const
  const hidden = new Float32Array(batch * hiddenSize).fill(1)
  const expected = gruBackward(gruForward(problem).saved, { hidden })
  const { saved } = gruForward(problem)
  await setThreads(2)
  expect(gruBackward(saved, { hidden })).toEqual(expected)
  await setThreads(1)
})

it('stays one, without a word, where memory cannot be shared', async () => {
  const { Memory } = WebAssembly
  vi.spyOn(WebAssembly, 'Memory').mockImplementation(function make(limits) {
    if (limits.shared === true) throw new Error('refused')
    return new Memory(limits)
  })
  const kernels = await load()
  const alone = product(kernels)
  expect(await kernels.setThreads(2)).toBe(1)
  expect(product(kernels)).toEqual(alone)
})

it('refuses what is no number of threads', async () => {
  const { setThreads } = await load()
  for (const count of [0, -1, 1.5, NaN, MOST_THREADS + 1]) {
    await expect(setThreads(count)).rejects.toThrow(
      `setThreads: expected a whole number from 1 to ${MOST_THREADS}, got ${count}`)
  }
})

it('a process ends with its work', () => {
  const program = `
    import { setThreads, threads } from '@ostinato/kernels'
    setThreads(2).then(count => console.log(count, threads()))
  `
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { status, stdout } = spawnSync(
    process.execPath, ['--conditions=@ostinato/source', '--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: new URL('..', import.meta.url), encoding: 'utf8', timeout: 30_000, env: { ...process.env, OSTINATO_NATIVE: '0' } },
  )
  expect([status, stdout.trim()]).toEqual([0, '2 2'])
})

it('has types', async () => {
  const { setThreads, threads } = await load()
  expectTypeOf(threads).toEqualTypeOf<() => number>()
  expectTypeOf(setThreads).toEqualTypeOf<(count: number) => Promise<number>>()
})
