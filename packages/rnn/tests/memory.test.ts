// Training on batches of changing shapes for long takes no more memory than training for a short while.
import { valueAndGrad } from '@ostinato/autograd'
import { gru, meanOverTime } from '@ostinato/rnn'
import { Adam } from '@ostinato/optim'
import { mean, multiply, Rng } from '@ostinato/tensor'
import { expect, test } from 'vitest'

interface Memory {
  /** What JavaScript holds. */
  readonly held: number
  /** What the process has of the machine's memory beside the heap of JavaScript: that of WebAssembly, above all. */
  readonly resident: number
}

/** What is in use when all that can be collected has been. */
async function used(): Promise<Memory> {
  if (globalThis.gc === undefined) throw new Error('the tests of this package run with --expose-gc')
  // Buffers are given back after a collection, in the background.
  for (let i = 0; i < 2; i++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { heapUsed, heapTotal, arrayBuffers, rss } = process.memoryUsage()
  // The heap itself grows once by 17 MB, whenever the collector finds the room for new objects too small.
  return { held: heapUsed + arrayBuffers, resident: rss - heapTotal }
}

/** The growth from step 500 to step 2,000, with `keep` called in each step. */
async function growth(keep: () => void): Promise<Memory> {
  const rng = new Rng(1)
  const layer = gru(4, 8, { bidirectional: true, rng })
  const optimizer = new Adam(layer.parameters(), { learningRate: 1e-3 })
  // 50 shapes, which the first 500 steps go through ten times.
  const shapes = Array.from({ length: 50 }, () => [rng.integer(1, 17), rng.integer(1, 33)])
  const samples: Memory[] = []
  for (let step = 0; step <= 2000; step++) {
    if (step === 500 || step === 2000) samples.push(await used())
    const [batch, time] = shapes[step % shapes.length]
    const x = rng.normal([batch, time, 4])
    const lengths = Array.from({ length: batch }, () => rng.integer(0, time + 1))
    const { grads } = valueAndGrad(layer, () => {
      const summary = meanOverTime(layer.forward(x, { lengths }).output, { lengths })
      return mean(multiply(summary, summary))
    })
    optimizer.step(grads)
    keep()
  }
  return { held: samples[1].held - samples[0].held, resident: samples[1].resident - samples[0].resident }
}

// A batch has 140 steps of a sequence in the mean. One direction's output for them takes 4 kB: a layer that kept it
// would hold 6 MB more at the end. Outputs and gates of both directions take 36 kB: left in the memory of WebAssembly,
// they would come to 54 MB. The collector alone moves the first number by less than 0.5 MB and the second by a few.
const limits: Memory = { held: 1.5e6, resident: 24e6 }

/** Milliseconds; a busy machine takes its time. */
const timeout = 240_000

test('2,000 steps keep the memory flat', { timeout }, async () => {
  const { held, resident } = await growth(() => undefined)
  expect(held).toBeLessThan(limits.held)
  expect(resident).toBeLessThan(limits.resident)
})

test('and a leak would be seen', { timeout }, async () => {
  const kept: Float32Array[] = []
  const { held, resident } = await growth(() => kept.push(new Float32Array(16_384).fill(1)))
  expect(held).toBeGreaterThan(limits.held)
  expect(resident).toBeGreaterThan(limits.resident)
  expect(kept).toHaveLength(2001)
})
