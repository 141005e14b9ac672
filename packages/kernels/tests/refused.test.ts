// Engines that cannot, or may not, run WebAssembly: the next backend takes over without a word.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type * as Kernels from '../src/index.ts'

// Neither browser nor Node types are there to name it.
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: { validate(bytes: Uint8Array): boolean; Module: new (bytes: Uint8Array) => object }
}

beforeEach(() => vi.resetModules())
afterEach(() => vi.restoreAllMocks())

/** A fresh copy of the package: what it found out about the engine is forgotten. */
const load = (): Promise<typeof Kernels> => import('../src/index.ts')

/** Refuses the compilation of the next `count` modules. */
function refuseModules(count: number): void {
  const modules = vi.spyOn(WebAssembly, 'Module')
  for (let i = 0; i < count; i += 1) {
    modules.mockImplementationOnce(function refuse() {
      throw new Error('refused')
    })
  }
}

function works({ exp }: typeof Kernels): void {
  const x = Float32Array.of(0, -Infinity)
  exp(x, x)
  expect(x).toEqual(Float32Array.of(1, 0))
}

it('without any valid module JavaScript is all there is', async () => {
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
  const kernels = await load()
  expect(kernels.availableBackends()).toEqual(['javascript'])
  works(kernels)
})

it('where the first module is refused at compilation the next backend takes over', async () => {
  const all = (await load()).availableBackends()
  expect(all.length).toBeGreaterThan(1)
  vi.resetModules()
  refuseModules(1)
  const plain = await load()
  works(plain)
  expect(plain.availableBackends()).toEqual(all.slice(1))
  expect(plain.backend()).toBe(all[1])
})

it('where every module is refused at compilation JavaScript takes over at the first use', async () => {
  refuseModules(2)
  const kernels = await load()
  expect(kernels.backend()).not.toBe('javascript')
  works(kernels)
  expect(kernels.availableBackends()).toEqual(['javascript'])
  expect(kernels.backend()).toBe('javascript')
})
