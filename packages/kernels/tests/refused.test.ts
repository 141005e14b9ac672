// Engines that cannot, or may not, run WebAssembly: the next backend takes over without a word.
import { beforeEach, expect, it, vi } from 'vitest'
import type * as Kernels from '../src/index.ts'
import type * as Platform from '../src/wasm/platform.ts'

const refuse = vi.hoisted(() => ({ validate: 0, instantiate: 0 }))

vi.mock('../src/wasm/platform.ts', async (original) => {
  const platform = await original<typeof Platform>()
  return {
    ...platform,
    validates: (bytes: Uint8Array): boolean => {
      refuse.validate -= 1
      return refuse.validate < 0 && platform.validates(bytes)
    },
    instantiate: (bytes: Uint8Array): unknown => {
      refuse.instantiate -= 1
      if (refuse.instantiate >= 0) throw new Error('refused')
      return platform.instantiate(bytes)
    },
  }
})

beforeEach(() => vi.resetModules())

async function load(refused: typeof refuse): Promise<typeof Kernels> {
  Object.assign(refuse, refused)
  return import('../src/index.ts')
}

function works({ exp }: typeof Kernels): void {
  const x = Float32Array.of(0, -Infinity)
  exp(x, x)
  expect(x).toEqual(Float32Array.of(1, 0))
}

it('without any valid module JavaScript is all there is', async () => {
  const kernels = await load({ validate: 1, instantiate: 0 })
  expect(kernels.availableBackends()).toEqual(['javascript'])
  works(kernels)
})

it('where the first module is refused at compilation the next backend takes over', async () => {
  const kernels = await load({ validate: 0, instantiate: 0 })
  const all = kernels.availableBackends()
  vi.resetModules()
  const plain = await load({ validate: 0, instantiate: 1 })
  works(plain)
  expect(plain.availableBackends()).toEqual(all.slice(1))
  expect(plain.backend()).toBe(all[1])
})

it('where every module is refused at compilation JavaScript takes over at the first use', async () => {
  const kernels = await load({ validate: 0, instantiate: 2 })
  expect(kernels.backend()).not.toBe('javascript')
  works(kernels)
  expect(kernels.availableBackends()).toEqual(['javascript'])
  expect(kernels.backend()).toBe('javascript')
})
