// The training loop: it learns, tells what it does, and stops when told or when it must.
import { meanSquaredError } from '@ostinato/nn'
import { divide, log, multiply, sqrt, subtract, sum, type Tensor } from '@ostinato/tensor'
import { DivergedError, evaluate, fit, type FitOptions, type Outcome, type TrainingEvent } from '@ostinato/train'
import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { collect, loader, MemoryStore, ofType, run, weights, type Batch } from './support.ts'

describe('events', () => {
  test('come in order, with counts that add up', async () => {
    const events = await collect(fit(run({ epochs: 2, validation: loader() })))
    const steps = Array<string>(5).fill('step')
    expect(events.map(({ type }) => type)).toEqual(['start', ...steps, 'epoch', ...steps, 'epoch', 'stop'])
    expect(ofType(events, 'step').map(({ epoch, step, totalSteps }) => [epoch, step, totalSteps])).toEqual(
      Array.from({ length: 10 }, (_, i) => [Math.floor(i / 5) + 1, (i % 5) + 1, i + 1]),
    )
    expect(events[0]).toEqual({ type: 'start', epochs: 2, stepsPerEpoch: 5, parameters: 2 * 8 + 8 + 8 + 1, history: [] })
    expect(events.at(-1)).toMatchObject({ reason: 'finished', epochs: 2 })
  })

  test('frozen parameters are not counted and do not change', async () => {
    const options = run({ epochs: 1 })
    options.model.hidden.freeze()
    const before = weights(options.model.hidden)
    const events = await collect(fit(options))
    expect(events[0]).toMatchObject({ parameters: 9 })
    expect(weights(options.model.hidden)).toEqual(before)
  })

  test('the epoch averages weigh batches by their counts', async () => {
    const events = await collect(fit(run({ epochs: 1, train: loader(16) })))
    const steps = ofType(events, 'step')
    const [epoch] = ofType(events, 'epoch')
    expect(steps.map(({ count }) => count).sort()).toEqual([16, 16, 8])
    const total = steps.reduce((sumSoFar, { scores, count }) => sumSoFar + scores.loss * count, 0)
    expect(epoch.train.loss).toBeCloseTo(total / 40, 10)
    expect(steps.at(-1)?.average).toEqual(epoch.train)
    expectTypeOf(epoch.train.loss).toEqualTypeOf<number>()
  })

  test('tokens are told where the step counts them, and left out where not', async () => {
    const options = run({ epochs: 1 })
    const counted = { ...options, step: (batch: Batch) => ({ ...options.step(batch), tokens: 7 }) }
    expect(ofType(await collect(fit(counted)), 'step').map(({ tokens }) => tokens)).toEqual([7, 7, 7, 7, 7])
    for (const event of ofType(await collect(fit(run({ epochs: 1 }))), 'step')) expect(event).not.toHaveProperty('tokens')
  })

  test('training lowers the loss; validation runs without dropout', async () => {
    const options = run({ epochs: 60, validation: loader() })
    const epochs = ofType(await collect(fit(options)), 'epoch')
    expect(epochs[59].validation?.loss).toBeLessThan((epochs[0].validation?.loss ?? 0) / 4)
    const again = await evaluate({ data: loader(), step: options.step })
    const best = Math.min(...epochs.map(({ validation }) => validation?.loss ?? Infinity))
    expect(again.loss).toBeCloseTo(best, 10)
  })

  test('the gradient norm is that before clipping; clipping changes the step', async () => {
    const [clipped, free] = [run({ epochs: 1, clipNorm: 1e-6 }), run({ epochs: 1 })]
    const [first] = ofType(await collect(fit(clipped)), 'step')
    const [other] = ofType(await collect(fit(free)), 'step')
    expect(first.gradientNorm).toBeGreaterThan(1e-3)
    expect(first.gradientNorm).toBe(other.gradientNorm)
    expect(weights(clipped.model)).not.toEqual(weights(free.model))
  })

  test('batches may come later', async () => {
    const ready = run({ epochs: 2 })
    const source = loader()
    const late = run({ epochs: 2, train: { length: source.length, epoch: (at) => source.prefetch(at, { ahead: 2 }) } })
    await collect(fit(ready))
    await collect(fit(late))
    expect(weights(late.model)).toEqual(weights(ready.model))
  })
})

describe('stopping', () => {
  /** Reads a run and aborts it when `when` says so. */
  async function stopWhen(changes: Partial<FitOptions<Batch>>, when: (event: TrainingEvent) => boolean) {
    const stop = new AbortController()
    const events: TrainingEvent[] = []
    const options = run({ ...changes, signal: stop.signal })
    for await (const event of fit(options)) {
      events.push(event)
      if (when(event)) stop.abort()
    }
    return { events, types: events.map(({ type }) => type), options }
  }
  const isStep = (totalSteps: number) => (event: TrainingEvent) => event.type === 'step' && event.totalSteps === totalSteps

  test('the signal ends the run after the step, with a checkpoint', async () => {
    const store = new MemoryStore()
    const { events, types } = await stopWhen({ checkpoint: { store } }, isStep(3))
    expect(types).toEqual(['start', 'step', 'step', 'step', 'checkpoint', 'stop'])
    expect(events.slice(-2)).toEqual([
      { type: 'checkpoint', epoch: 1, step: 3 },
      { type: 'stop', reason: 'aborted', epochs: 0, bestEpoch: 0 },
    ])
    expect(store.saves).toBe(1)
  })

  test('a signal given before the start takes no batch and writes nothing', async () => {
    const store = new MemoryStore()
    const epoch = vi.fn(() => [])
    const { types } = await stopWhen({ checkpoint: { store }, train: { length: 5, epoch } }, () => true)
    expect(types).toEqual(['start', 'stop'])
    expect(epoch).not.toHaveBeenCalled()
    expect(store.saves).toBe(0)
  })

  test('the signal at the end of an epoch without validation still ends that epoch', async () => {
    const store = new MemoryStore()
    const { types, events } = await stopWhen({ checkpoint: { store } }, isStep(5))
    expect(types.slice(-3)).toEqual(['epoch', 'checkpoint', 'stop'])
    expect(events.at(-1)).toMatchObject({ reason: 'aborted', epochs: 1 })
    expect(store.saves).toBe(1)
  })

  test('the signal during the last epoch without validation changes nothing: it was the last step', async () => {
    const { events } = await stopWhen({ epochs: 1 }, isStep(5))
    expect(events.at(-1)).toMatchObject({ reason: 'finished', epochs: 1 })
  })

  test('the signal during validation drops what was validated', async () => {
    const stop = new AbortController()
    const store = new MemoryStore()
    const source = loader()
    const validation = {
      length: source.length,
      * epoch(at: { epoch: number; batch: number }) {
        for (const batch of source.epoch(at)) {
          yield batch
          stop.abort()
        }
      },
    }
    const monitor = vi.fn(() => 0)
    const events = await collect(fit(run({ validation, monitor, checkpoint: { store }, signal: stop.signal })))
    expect(events.map(({ type }) => type).slice(-2)).toEqual(['checkpoint', 'stop'])
    expect(events.at(-2)).toEqual({ type: 'checkpoint', epoch: 1, step: 5 })
    expect(events.at(-1)).toMatchObject({ reason: 'aborted', epochs: 0 })
    expect(monitor).not.toHaveBeenCalled()
  })

  test('break ends the batches too, and saves first', async () => {
    const ended = vi.fn()
    const source = loader()
    const store = new MemoryStore()
    const train = {
      length: source.length,
      * epoch(at: { epoch: number; batch: number }) {
        try {
          yield* source.epoch(at)
        } finally {
          ended(store.saves)
        }
      },
    }
    for await (const event of fit(run({ train, checkpoint: { store } }))) if (event.type === 'step') break
    expect(ended.mock.calls).toEqual([[0]])
    expect(store.saves).toBe(1)
  })

  test('a break where nothing is new saves nothing', async () => {
    for (const at of ['start', 'epoch', 'checkpoint'] as const) {
      const store = new MemoryStore()
      for await (const event of fit(run({ checkpoint: { store } }))) if (event.type === at) break
      expect(store.saves).toBe(at === 'start' ? 0 : 1)
    }
  })

  test('early stopping waits for its patience and puts the best parameters back', async () => {
    const scores = [3, 1, 2, 2, 2, 2]
    const kept: number[][] = []
    const options = run({ epochs: 6, earlyStopping: { patience: 2 }, monitor: () => scores[kept.length] })
    const events = []
    for await (const event of fit(options)) {
      events.push(event)
      if (event.type === 'epoch') kept.push(weights(options.model))
    }
    expect(kept).toHaveLength(4)
    expect(weights(options.model)).toEqual(kept[1])
    expect(ofType(events, 'epoch').map(({ best }) => best)).toEqual([true, true, false, false])
    expect(events.at(-1)).toEqual({ type: 'stop', reason: 'early', epochs: 4, bestEpoch: 2 })
  })

  test('an improvement has to be as large as asked for', async () => {
    const scores = [3, 2.5, 1.9, 1.8]
    let epoch = 0
    const earlyStopping = { patience: 4, minimumImprovement: 1 }
    const events = ofType(await collect(fit(run({ earlyStopping, monitor: () => scores[epoch++] }))), 'epoch')
    expect(events.map(({ best }) => best)).toEqual([true, false, true, false])
  })

  test('restoreBest: false leaves the last parameters', async () => {
    const last: number[][] = []
    const options = run({ epochs: 3, restoreBest: false, monitor: () => last.length })
    for await (const event of fit(options)) if (event.type === 'epoch') last.push(weights(options.model))
    expect(weights(options.model)).toEqual(last[2])
  })
})

describe('numbers that are none', () => {
  const failureOf = async (options: FitOptions<Batch>) => {
    const failure: unknown = await collect(fit(options)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(DivergedError)
    return failure as DivergedError
  }

  test('a loss of NaN stops the run and names the step and the operation', async () => {
    const options = run()
    let calls = 0
    const step = ({ x, y }: Batch) => {
      const error = subtract(options.model.forward(x), y)
      const bad = () => divide(sum(log(subtract(-1e6, sum(error)))), 0)
      return { loss: ++calls < 3 ? meanSquaredError(options.model.forward(x), y) : bad(), count: 8 }
    }
    const failure = await failureOf({ ...options, step })
    expect(failure).toMatchObject({ epoch: 1, step: 3 })
    expect(failure.message).toMatch(/the loss is NaN in epoch 1, step 3: .*'log'/)
  })

  test('the step is looked at with the same dropout', async () => {
    const options = run()
    // Bad only where dropout spares all eight hidden values: once in six times.
    const step = ({ x, y }: Batch): Outcome => {
      const spared = options.model.dropout.forward(subtract(0, subtract(x, x)))
      const drawn = options.model.dropout.rng.next()
      const loss = meanSquaredError(options.model.forward(x), y)
      return { loss: drawn < 0.3 ? sum(log(subtract(-1, spared))) : loss, count: 8 }
    }
    const failure = await failureOf({ ...options, step, epochs: 20 })
    expect(failure.culprit).toContain("'log'")
  })

  test('a gradient of NaN is named though the loss is finite, and no step is made', async () => {
    const options = run()
    const step = ({ x }: Batch) => {
      // The derivative of the square root is infinite at 0, and infinity times 0 is NaN.
      const zero = multiply(sum(options.model.forward(x)), 0)
      return { loss: sqrt(zero), count: 8 }
    }
    const before = weights(options.model)
    const failure = await failureOf({ ...options, step })
    expect(failure.message).toMatch(/the norm of the gradients is NaN in epoch 1, step 1: the gradient of parameter hidden\.weight is NaN/)
    expect(weights(options.model)).toEqual(before)
  })

  test('a bad parameter is named', async () => {
    const options = run()
    options.model.head.weight.update((data) => data.fill(NaN, 3, 4))
    expect((await failureOf(options)).culprit).toBe('parameter head.weight is NaN at position 3')
  })

  test('a validation loss of NaN stops the run at the end of the epoch', async () => {
    const options = run({ validation: loader() })
    let calls = 0
    const step = (batch: Batch) => {
      const outcome = options.step(batch)
      return ++calls === 7 ? { ...outcome, loss: log(subtract(-1, outcome.loss)) } : outcome
    }
    const failure = await failureOf({ ...options, step })
    expect(failure).toMatchObject({ epoch: 1, step: 5 })
    expect(failure.message).toContain('the validation loss is NaN')
  })

  test('a run that failed keeps the last checkpoint', async () => {
    const store = new MemoryStore()
    const options = run({ checkpoint: { store } })
    let calls = 0
    const step = (batch: Batch) => {
      const outcome = options.step(batch)
      return ++calls === 8 ? { ...outcome, loss: divide(outcome.loss, 0) } : outcome
    }
    await failureOf({ ...options, step })
    expect(store.saves).toBe(1)
  })
})

describe('what is refused', () => {
  test('options that do not fit are listed together', async () => {
    await expect(collect(fit(run({ epochs: 0, clipNorm: -1, resume: true })))).rejects.toThrow(
      /epochs: .*got 0; clipNorm: .*got -1; resume: /,
    )
    const more = run({
      epochs: 1.5,
      train: { length: 0, epoch: () => [] },
      validation: { length: NaN, epoch: () => [] },
      earlyStopping: { patience: 0, minimumImprovement: -1 },
      checkpoint: { store: new MemoryStore(), everySteps: 0 },
    })
    await expect(collect(fit(more))).rejects.toThrow(
      /got 1.5; train.length: .*got 0; validation.length: .*got NaN; checkpoint.everySteps: .*patience: .*minimumImprovement: /,
    )
  })

  test('a monitor that gives no number', async () => {
    const monitor = ({ train }: { train: Readonly<Record<string, number>> }) => -train['acuracy']
    await expect(collect(fit(run({ monitor })))).rejects.toThrow(
      'fit: expected monitor to return a number, got NaN for epoch 1, whose scores are loss',
    )
  })

  test('more or fewer batches than the source says', async () => {
    for (const [length, got] of [[6, '5'], [4, 'more']] as const) {
      const train = { length, epoch: () => loader().epoch(0) }
      const store = new MemoryStore()
      await expect(collect(fit(run({ train, checkpoint: { store } })))).rejects.toThrow(
        `fit: expected train to give ${length} batches an epoch, as its length says, got ${got}`,
      )
      expect(store.saves).toBe(0)
    }
  })

  test('outcomes that cannot be averaged', async () => {
    const options = run()
    const withChange = (change: object) =>
      collect(fit({ ...options, step: (batch) => ({ ...options.step(batch), ...change }) }))
    await expect(withChange({ count: NaN, metrics: { loss: 1 } })).rejects.toThrow(/count: .*got NaN; metrics.loss: /)
    await expect(withChange({ count: -1 })).rejects.toThrow(/count: .*got -1/)
    const metric = undefined as unknown as Tensor
    await expect(withChange({ metrics: { accuracy: metric } })).rejects.toThrow(/metrics.accuracy: expected a number, got undefined/)
  })
})
