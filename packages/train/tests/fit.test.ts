// The training loop: it learns, tells what it does, stops when told, and goes on as if it had not stopped.
import { meanSquaredError } from '@ostinato/nn'
import { SGD } from '@ostinato/optim'
import { divide, log, subtract, sum, type Tensor } from '@ostinato/tensor'
import { DivergedError, evaluate, fit, type TrainingEvent } from '@ostinato/train'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { collect, loader, MemoryStore, run, weights } from './support.ts'

const ofType = <T extends TrainingEvent['type']>(events: readonly TrainingEvent[], type: T) =>
  events.filter((event): event is Extract<TrainingEvent, { type: T }> => event.type === type)

describe('events', () => {
  test('come in order, with counts that add up', async () => {
    const events = await collect(fit(run({ epochs: 2, validation: loader() })))
    expect(events.map(({ type }) => type)).toEqual(['start', ...Array<string>(5).fill('step'), 'epoch', ...Array<string>(5).fill('step'), 'epoch', 'stop'])
    const steps = ofType(events, 'step')
    expect(steps.map(({ epoch, step, totalSteps }) => [epoch, step, totalSteps])).toEqual(
      Array.from({ length: 10 }, (_, i) => [Math.floor(i / 5) + 1, (i % 5) + 1, i + 1]),
    )
    expect(events[0]).toMatchObject({ epochs: 2, stepsPerEpoch: 5, parameters: 2 * 8 + 8 + 8 + 1, history: [] })
    expect(events.at(-1)).toMatchObject({ reason: 'finished', epochs: 2 })
  })

  test('the epoch averages weigh batches by their counts', async () => {
    const events = await collect(fit(run({ epochs: 1, train: loader(16) })))
    const steps = ofType(events, 'step')
    const [epoch] = ofType(events, 'epoch')
    expect(steps.map(({ count }) => count).sort()).toEqual([16, 16, 8])
    expect(epoch.train.loss).toBeCloseTo(steps.reduce((total, { scores, count }) => total + scores.loss * count, 0) / 40, 10)
    expectTypeOf(epoch.train.loss).toEqualTypeOf<number>()
  })

  test('training lowers the loss; validation runs without dropout', async () => {
    const options = run({ epochs: 60, validation: loader() })
    const epochs = ofType(await collect(fit(options)), 'epoch')
    expect(epochs[59].validation?.loss).toBeLessThan((epochs[0].validation?.loss ?? 0) / 4)
    const again = await evaluate({ data: loader(), step: options.step })
    const best = Math.min(...epochs.map(({ validation }) => validation?.loss ?? Infinity))
    expect(again.loss).toBeCloseTo(best, 10)
  })

  test('the gradient norm is that before clipping', async () => {
    const events = ofType(await collect(fit(run({ epochs: 1, clipNorm: 1e-6 }))), 'step')
    expect(events[0].gradientNorm).toBeGreaterThan(1e-3)
  })
})

describe('resuming', () => {
  test('N steps, a checkpoint, M steps equal N + M steps, bit by bit', async () => {
    const whole = run({ validation: loader() })
    const expected = await collect(fit(whole))
    for (const stopAfter of [1, 5, 7, 12]) {
      const store = new MemoryStore()
      const first = run({ validation: loader(), checkpoint: { store } })
      for await (const event of fit(first)) if (event.type === 'step' && event.totalSteps === stopAfter) break
      expect(store.saved).toBeDefined()
      const second = run({ validation: loader(), checkpoint: { store }, resume: true, seed: 99 })
      const events = await collect(fit(second))
      expect(weights(second.model)).toEqual(weights(whole.model))
      const timeless = (all: readonly TrainingEvent[]) => ofType(all, 'epoch').map(({ epoch, train, validation, best }) => ({ epoch, train, validation, best }))
      expect(timeless(events)).toEqual(timeless(expected).slice(Math.floor(stopAfter / 5)))
      expect(events[0]).toMatchObject({ resumed: { epoch: Math.floor(stopAfter / 5) + 1 } })
    }
  })

  test('a finished run that resumes has nothing left to do', async () => {
    const store = new MemoryStore()
    await collect(fit(run({ checkpoint: { store } })))
    const events = await collect(fit(run({ checkpoint: { store }, resume: true })))
    expect(events.map(({ type }) => type)).toEqual(['start', 'stop'])
    expect(ofType(events, 'start')[0].history).toHaveLength(4)
  })

  test('checkpoints come after every epoch and every so many steps', async () => {
    const store = new MemoryStore()
    const events = await collect(fit(run({ epochs: 2, checkpoint: { store, everySteps: 2 } })))
    expect(ofType(events, 'checkpoint').map(({ epoch, step }) => [epoch, step])).toEqual([[1, 2], [1, 4], [1, 5], [2, 2], [2, 4], [2, 5]])
    expect(store.saves).toBe(6)
  })

  test('a checkpoint of another model or optimizer changes nothing', async () => {
    const store = new MemoryStore()
    await collect(fit(run({ epochs: 1, checkpoint: { store } })))
    const other = run({ checkpoint: { store }, resume: true, seed: 2 })
    const optimizer = new SGD(other.model.parameters(), { learningRate: 0.1, momentum: 0.9 })
    const before = weights(other.model)
    await expect(collect(fit({ ...other, optimizer }))).rejects.toThrow()
    expect(weights(other.model)).toEqual(before)
    store.saved = store.saved?.slice(0, -3)
    await expect(collect(fit(run({ checkpoint: { store }, resume: true })))).rejects.toThrow()
  })
})

describe('stopping', () => {
  test('the signal ends the run after the step, with a checkpoint', async () => {
    const store = new MemoryStore()
    const stop = new AbortController()
    const events: TrainingEvent[] = []
    for await (const event of fit(run({ checkpoint: { store }, signal: stop.signal }))) {
      events.push(event)
      if (event.type === 'step' && event.totalSteps === 3) stop.abort()
    }
    expect(ofType(events, 'step')).toHaveLength(3)
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['checkpoint', 'stop'])
    expect(events.at(-1)).toMatchObject({ reason: 'aborted', epochs: 0 })
    expect(store.saves).toBe(1)
  })

  test('early stopping waits for its patience and puts the best parameters back', async () => {
    const scores = [3, 1, 2, 2, 2, 2]
    const kept: number[][] = []
    const options = run({ epochs: 6, earlyStopping: { patience: 2 }, monitor: () => scores[kept.length] })
    for await (const event of fit(options)) if (event.type === 'epoch') kept.push(weights(options.model))
    expect(kept).toHaveLength(4)
    expect(weights(options.model)).toEqual(kept[1])
  })

  test('a loss of NaN stops the run and names the step and the operation', async () => {
    const options = run()
    let calls = 0
    const step = ({ x, y }: { x: Tensor; y: Tensor }) => {
      const error = subtract(options.model.forward(x), y)
      const loss = ++calls < 3 ? meanSquaredError(options.model.forward(x), y) : divide(sum(log(subtract(0, sum(error)))), 0)
      return { loss, count: 8 }
    }
    const failure = await collect(fit({ ...options, step })).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(DivergedError)
    expect(failure).toMatchObject({ epoch: 1, step: 3 })
    expect((failure as DivergedError).message).toMatch(/the loss is (NaN|-?Infinity) in epoch 1, step 3: .*'(log|divide)'/)
  })

  test('a bad parameter is named', async () => {
    const options = run()
    options.model.head.weight.update((data) => data.fill(NaN, 3, 4))
    await expect(collect(fit(options))).rejects.toThrow(/parameter head\.weight is NaN at position 3/)
  })
})

test('options that do not fit are listed together', async () => {
  await expect(collect(fit(run({ epochs: 0, clipNorm: -1, resume: true })))).rejects.toThrow(/epochs: .*got 0; clipNorm: .*got -1; resume: /)
})

test('2,000 steps keep the memory flat', async () => {
  const options = run({ epochs: 400 })
  const samples: number[] = []
  for await (const event of fit(options)) {
    if (event.type !== 'step' || event.totalSteps % 500 !== 0) continue
    globalThis.gc?.()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    samples.push(heapUsed + arrayBuffers)
  }
  expect(samples).toHaveLength(4)
  expect(samples[3] - samples[1]).toBeLessThan(20e6)
})
