// A long run takes no more memory than a short one.
import { meanSquaredError } from '@ostinato/nn'
import { ones, type Tensor } from '@ostinato/tensor'
import { fit } from '@ostinato/train'
import { expect, test } from 'vitest'
import { run, type Batch } from './support.ts'

/** What is in use when all that can be collected has been. */
async function used(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('the tests of this package run with --expose-gc')
  // Buffers are given back after a collection, in the background.
  for (let i = 0; i < 2; i++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** The growth from step 500 to step 2,000, with `keep` called in each step. */
async function growth(keep: (loss: Tensor) => void): Promise<number> {
  const options = run({ epochs: 200 })
  const batch: Batch = { x: ones([128, 2]), y: ones([128, 1]) }
  const step = ({ x, y }: Batch) => {
    const loss = meanSquaredError(options.model.forward(x), y)
    keep(loss)
    return { loss, count: 128, tokens: 128, metrics: { accuracy: 0.5 } }
  }
  const train = { length: 10, epoch: () => Array.from({ length: 10 }, () => batch) }
  const samples: number[] = []
  for await (const event of fit({ ...options, train, step })) {
    if (event.type === 'step' && (event.totalSteps === 500 || event.totalSteps === 2000)) samples.push(await used())
  }
  expect(samples).toHaveLength(2)
  return samples[1] - samples[0]
}

// One hidden layer of this batch is 4 kB; a run that kept a single one a step would grow by 6 MB, and by more with the
// objects around it. The records of 150 epochs take less than 0.2 MB.
const limit = 1.5e6

/** Milliseconds; a busy machine takes its time. */
const timeout = 240_000

test('2,000 steps keep the memory flat', { timeout }, async () => {
  expect(await growth(() => undefined)).toBeLessThan(limit)
})

test('and a leak would be seen', { timeout }, async () => {
  const kept: Float32Array[] = []
  expect(await growth(() => kept.push(new Float32Array(1024)))).toBeGreaterThan(2 * limit)
  expect(kept).toHaveLength(2000)
})
