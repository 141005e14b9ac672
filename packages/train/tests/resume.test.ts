// A run that was interrupted goes on as if it had not been, bit by bit.
import { BatchNorm1d, Dropout, Linear, meanSquaredError, Module } from '@ostinato/nn'
import { Adam, NAdam, oneCycle, SGD, type Optimizer } from '@ostinato/optim'
import { Rng, type Parameter, type Tensor } from '@ostinato/tensor'
import { fit, type FitOptions, type TrainingEvent } from '@ostinato/train'
import { describe, expect, test } from 'vitest'
import { collect, loader, MemoryStore, ofType, run, timeless, weights, type Batch } from './support.ts'

/** Generators in an array and shared by two layers, and running statistics. */
class Odd extends Module {
  readonly blocks: { readonly linear: Linear; readonly drops: readonly Dropout[] }[]
  readonly norm: BatchNorm1d
  readonly noise: readonly Rng[]

  constructor(seed: number) {
    super()
    const rng = new Rng(seed)
    const shared = rng.split()
    const drop = (from: Rng) => new Dropout(0.3, { rng: from })
    this.blocks = [[2, 6], [6, 1]].map(([from, to]) => {
      return { linear: new Linear(from, to, { rng }), drops: [drop(shared), drop(rng.split())] }
    })
    this.norm = new BatchNorm1d(6)
    this.noise = [rng.split()]
  }

  forward(x: Tensor): Tensor {
    const [first, second] = this.blocks
    let h = this.norm.forward(first.linear.forward(x))
    for (const { drops } of this.blocks) for (const drop of drops) h = drop.forward(h)
    return second.linear.forward(h)
  }
}

function oddRun(seed: number, optimizer: (parameters: Iterable<Parameter>) => Optimizer): FitOptions<Batch> {
  const model = new Odd(seed)
  return {
    model,
    optimizer: optimizer(model.parameters()),
    train: loader(),
    validation: loader(16),
    step: ({ x, y }) => {
      const loss = meanSquaredError(model.forward(x), y)
      return { loss, count: x.shape[0], metrics: { drawn: model.noise[0].next(), odd: NaN, vast: -Infinity } }
    },
    epochs: 3,
  }
}

/** The rest of a run that was stopped by `break` after so many steps, and what `make` made to go on with it. */
async function interrupted(make: (seed: number) => FitOptions<Batch>, stopAfter: number) {
  const store = new MemoryStore()
  for await (const event of fit({ ...make(1), checkpoint: { store } })) {
    if (event.type === 'step' && event.totalSteps === stopAfter) break
  }
  const second = make(99)
  const events = await collect(fit({ ...second, checkpoint: { store }, resume: true }))
  return { events, model: second.model }
}

/** Steps and epochs after the first so many steps. */
const after = (events: readonly TrainingEvent[], steps: number) => {
  const from = events.findIndex((event) => event.type === 'step' && event.totalSteps === steps)
  return timeless(events.slice(from + 1).filter(({ type }) => type === 'step' || type === 'epoch' || type === 'stop'))
}

describe('N steps, a checkpoint and M steps equal N + M steps', () => {
  const optimizers = {
    'Adam with one cycle': (p) => new Adam(p, { learningRate: oneCycle(0.05, { steps: 15 }) }),
    NAdam: (p) => new NAdam(p, { learningRate: 0.01 }),
    'SGD with momentum': (p) => new SGD(p, { learningRate: 0.05, momentum: 0.9 }),
  } satisfies Record<string, (parameters: Iterable<Parameter>) => Optimizer>

  test.each(Object.entries(optimizers))('%s, wherever it is stopped', async (_, optimizer) => {
    const make = (seed: number) => oddRun(seed, optimizer)
    const whole = make(1)
    const expected = await collect(fit(whole))
    // In the middle of an epoch, at its end before validation, right after its beginning, at the very end.
    for (const stopAfter of [1, 4, 5, 6, 10, 13, 15]) {
      const { events, model } = await interrupted(make, stopAfter)
      expect(after(events, -1)).toEqual(after(expected, stopAfter))
      expect(weights(model)).toEqual(weights(whole.model))
      const history = ofType(expected, 'epoch').slice(0, Math.floor((stopAfter - 1) / 5))
      expect(ofType(events, 'start')[0].history.map(({ epoch, train, validation }) => ({ epoch, train, validation }))).toEqual(
        history.map(({ epoch, train, validation }) => ({ epoch, train, validation })),
      )
      expect(events[0]).toMatchObject({ resumed: { epoch: history.length + 1, step: stopAfter - 5 * history.length } })
    }
  })

  test('with the signal and many checkpoints', async () => {
    const whole = run({ validation: loader() })
    const expected = await collect(fit(whole))
    const store = new MemoryStore()
    const checkpoint = { store, everySteps: 2 }
    let resume = false
    let model = whole.model
    for (let part = 0; part < 10; part++) {
      const stop = new AbortController()
      const options = run({ validation: loader(), checkpoint, resume, seed: part + 1, signal: stop.signal })
      model = options.model
      let steps = 0
      let last: TrainingEvent | undefined
      for await (const event of fit(options)) {
        if (event.type === 'step' && ++steps === 3) stop.abort()
        last = event
      }
      resume = true
      if (last?.type === 'stop' && last.reason === 'finished') break
    }
    expect(weights(model)).toEqual(weights(whole.model))
    const history = ofType(await collect(fit(run({ validation: loader(), checkpoint, resume }))), 'start')[0].history
    expect(history.map(({ validation }) => validation)).toEqual(ofType(expected, 'epoch').map(({ validation }) => validation))
  })

  test('the best parameters and the patience outlast an interruption', async () => {
    const scores = [3, 1, 2, 2, 2, 2]
    const make = (done: number) => {
      let epoch = done
      return run({ epochs: 6, earlyStopping: { patience: 2 }, monitor: () => scores[epoch++] })
    }
    const whole = make(0)
    const expected = await collect(fit(whole))
    const store = new MemoryStore()
    for await (const event of fit({ ...make(0), checkpoint: { store } })) {
      if (event.type === 'step' && event.totalSteps === 17) break
    }
    const second = make(3)
    const events = await collect(fit({ ...second, checkpoint: { store }, resume: true }))
    expect(events.at(-1)).toEqual({ type: 'stop', reason: 'early', epochs: 4, bestEpoch: 2 })
    expect(events.at(-1)).toEqual(expected.at(-1))
    expect(weights(second.model)).toEqual(weights(whole.model))
  })
})

test('a finished run that resumes has nothing left to do, and ends with its best parameters', async () => {
  const store = new MemoryStore()
  let epoch = 0
  const first = run({ checkpoint: { store }, monitor: () => epoch++ })
  await collect(fit(first))
  const second = run({ checkpoint: { store }, resume: true, seed: 7 })
  const events = await collect(fit(second))
  expect(events.map(({ type }) => type)).toEqual(['start', 'stop'])
  expect(events[0]).toMatchObject({ resumed: { epoch: 4, step: 5 } })
  expect(events[1]).toMatchObject({ bestEpoch: 1 })
  expect(ofType(events, 'start')[0].history).toHaveLength(4)
  expect(weights(second.model)).toEqual(weights(first.model))
})

test('a finished run goes on from its last parameters when there are to be more epochs', async () => {
  const whole = run({ epochs: 6, restoreBest: false })
  await collect(fit(whole))
  const store = new MemoryStore()
  await collect(fit(run({ epochs: 4, checkpoint: { store } })))
  const second = run({ epochs: 6, restoreBest: false, checkpoint: { store }, resume: true })
  await collect(fit(second))
  expect(weights(second.model)).toEqual(weights(whole.model))
})

test('a run that cannot resume because there is nothing begins anew', async () => {
  const [whole, other] = [run(), run({ checkpoint: { store: new MemoryStore() }, resume: true })]
  await collect(fit(whole))
  const events = await collect(fit(other))
  expect(events[0]).not.toHaveProperty('resumed')
  expect(weights(other.model)).toEqual(weights(whole.model))
})

test('checkpoints come after every epoch and every so many steps', async () => {
  const store = new MemoryStore()
  const events = await collect(fit(run({ epochs: 2, checkpoint: { store, everySteps: 2 } })))
  const places = ofType(events, 'checkpoint').map(({ epoch, step }) => [epoch, step])
  expect(places).toEqual([[1, 2], [1, 4], [1, 5], [2, 2], [2, 4], [2, 5]])
  expect(store.saves).toBe(6)
})

test('an error of the store ends the run', async () => {
  const store = new MemoryStore()
  store.save = () => Promise.reject(new Error('the disk is full'))
  await expect(collect(fit(run({ checkpoint: { store } })))).rejects.toThrow('the disk is full')
  const read = async () => {
    for await (const event of fit(run({ checkpoint: { store } }))) if (event.type === 'step') break
  }
  await expect(read()).rejects.toThrow('the disk is full')
})

test('a run over other batches is refused before anything changes', async () => {
  const store = new MemoryStore()
  for await (const event of fit(run({ checkpoint: { store } }))) if (event.type === 'step' && event.step === 3) break
  const other = run({ train: loader(16), checkpoint: { store }, resume: true, seed: 2 })
  const before = weights(other.model)
  await expect(collect(fit(other))).rejects.toThrow(
    /expected epochs of 3 steps, got epochs of 5: go on with the same data and batch size/,
  )
  expect(weights(other.model)).toEqual(before)
})
