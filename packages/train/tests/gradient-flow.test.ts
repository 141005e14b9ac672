// The flow of gradients as events of a run: when they come, that they change nothing, and an explosion that they show
// and clipping tames.
import { DataLoader } from '@ostinato/datasets'
import { additionTask } from '@ostinato/datasets/tasks'
import { Dropout, Linear, meanSquaredError, Module } from '@ostinato/nn'
import { SGD } from '@ostinato/optim'
import { elman, GradientFlow, gru, lastStep, type SequenceLayer } from '@ostinato/rnn'
import { Rng, stack, tensor, type Tensor } from '@ostinato/tensor'
import { DivergedError, fit, type FitOptions, type TrainingEvent } from '@ostinato/train'
import { describe, expect, test, vi } from 'vitest'
import { collect, MemoryStore, ofType, run, weights } from './support.ts'

class Adder extends Module {
  readonly head: Linear
  readonly dropout: Dropout
  constructor(
    readonly layer: SequenceLayer<unknown>,
    dropout = 0,
  ) {
    super()
    this.head = new Linear(layer.outputSize, 1, { rng: new Rng(4) })
    this.dropout = new Dropout(dropout, { rng: new Rng(5) })
  }
  forward(x: Tensor): Tensor {
    return this.head.forward(this.dropout.forward(lastStep(this.layer.forward(x).output)))
  }
}

interface Batch {
  readonly x: Tensor
  readonly y: Tensor
}

/** A run of a recurrent network on the addition task. */
function adding(
  model: Adder,
  { count, steps, ...changes }: Partial<FitOptions<Batch>> & { readonly count: number; readonly steps: number },
): FitOptions<Batch> & { readonly model: Adder } {
  const train = new DataLoader(additionTask({ count, steps, rng: new Rng(1) }), {
    batchSize: 32,
    seed: 2,
    collate: (rows): Batch => ({
      x: stack(rows.map(({ input }) => input)),
      y: tensor(rows.map(({ target }) => [target])),
    }),
  })
  return {
    optimizer: new SGD(model.parameters(), { learningRate: 0.01 }),
    train,
    step: ({ x, y }) => ({ loss: meanSquaredError(model.forward(x), y), count: x.shape[0] }),
    epochs: 2,
    ...changes,
    model,
  }
}

describe('events', () => {
  const small = (changes: Partial<FitOptions<Batch>>, observed = true) => {
    const model = new Adder(gru(2, 4, { rng: new Rng(3) }), 0.3)
    const gradientFlow = { observer: new GradientFlow(model), everySteps: 3 }
    return adding(model, { count: 160, steps: 6, ...changes, ...(observed && { gradientFlow }) })
  }

  test('come before the first step and every so many after it, counted over epochs', async () => {
    const events = await collect(fit(small({})))
    const types = events.map(({ type }) => type)
    expect(types.slice(0, 7)).toEqual(['start', 'gradientFlow', 'step', 'step', 'step', 'gradientFlow', 'step'])
    const flows = ofType(events, 'gradientFlow')
    expect(flows.map(({ totalSteps }) => totalSteps)).toEqual([1, 4, 7, 10])
    for (const flow of flows) {
      const next = events[events.indexOf(flow) + 1]
      expect(next).toMatchObject({ type: 'step', totalSteps: flow.totalSteps })
      expect(flow.layers).toEqual([{ name: 'layer', state: 'hidden', norms: expect.any(Array) as number[] }])
      expect(flow.layers[0].norms).toHaveLength(6)
      expect(structuredClone(flow)).toEqual(flow)
    }
  })

  test('change no bit of the training', async () => {
    const [observed, plain] = [small({ clipNorm: 0.5 }), small({ clipNorm: 0.5 }, false)]
    const events = await collect(fit(observed))
    const others = await collect(fit(plain))
    const told = (list: readonly TrainingEvent[]) =>
      JSON.stringify(list, (key, value: unknown) => (key === 'seconds' ? 0 : value))
    expect(told(events.filter(({ type }) => type !== 'gradientFlow'))).toBe(told(others))
    expect(weights(observed.model)).toEqual(weights(plain.model))
  })

  test.each(['step', 'gradientFlow'] as const)(
    'a run that was left at a %s event goes on exactly, observing the same steps',
    async (type) => {
      const whole = small({})
      const events = await collect(fit(whole))
      const store = new MemoryStore()
      const left: number[] = []
      const stopped = small({ checkpoint: { store } })
      for await (const event of fit(stopped)) {
        if (event.type === 'gradientFlow') left.push(event.totalSteps)
        if (event.type === type && event.totalSteps === 4) break
      }
      const resumed = small({ checkpoint: { store }, resume: true })
      const rest = ofType(await collect(fit(resumed)), 'gradientFlow')
      expect(weights(resumed.model)).toEqual(weights(whole.model))
      expect([...left, ...rest.map(({ totalSteps }) => totalSteps)]).toEqual([1, 4, 7, 10])
      expect(rest).toEqual(ofType(events, 'gradientFlow').slice(2))
    },
  )

  test('a checkpoint is written once for a step that is observed', async () => {
    const store = new MemoryStore()
    const types = (await collect(fit(small({ epochs: 1, checkpoint: { store, everySteps: 2 } })))).map(
      ({ type }) => type,
    )
    expect(types.filter((type) => type === 'checkpoint')).toHaveLength(3)
  })

  test('anything that observes will do; it is asked at its steps alone', async () => {
    const layers = [{ name: 'a', state: 'b', norms: [1, 2] }]
    const asked = vi.fn()
    const observer = {
      observe<T>(compute: () => T) {
        asked()
        return { value: compute(), layers }
      },
    }
    const flows = ofType(
      await collect(fit(run({ epochs: 2, gradientFlow: { observer, everySteps: 4 } }))),
      'gradientFlow',
    )
    expect(asked).toHaveBeenCalledTimes(3)
    expect(flows[2]).toEqual({ type: 'gradientFlow', totalSteps: 9, layers })
    await expect(collect(fit(run({ gradientFlow: { observer, everySteps: 0 } })))).rejects.toThrow(
      'gradientFlow.everySteps: expected an integer of 1 or more, got 0',
    )
  })
})

test('an exploding gradient ends a run that is not clipped; clipping tames it', async () => {
  // Recurrent weights of 1.1 times the identity and ReLU: what comes back grows by a tenth at every step.
  const exploding = (changes: Partial<FitOptions<Batch>>) => {
    const layer = elman(2, 16, { nonlinearity: 'relu', recurrent: 'identity', rng: new Rng(3) })
    const model = new Adder(layer)
    for (const [name, parameter] of layer.namedParameters()) {
      if (name.endsWith('weightHh'))
        parameter.update((data) => {
          data.forEach((value, i) => {
            data[i] = 1.1 * value
          })
        })
    }
    const gradientFlow = { observer: new GradientFlow(model), everySteps: 100 }
    return adding(model, { count: 512, steps: 60, epochs: 4, gradientFlow, ...changes })
  }
  const events = await collect(fit(exploding({ clipNorm: 1 })))
  const [
    {
      layers: [{ norms }],
    },
  ] = ofType(events, 'gradientFlow')
  expect(norms[0]).toBeGreaterThan(50 * norms[59])
  const epochs = ofType(events, 'epoch')
  expect(epochs[3].train.loss).toBeLessThan(epochs[0].train.loss / 10)
  expect(ofType(events, 'step')[0].gradientNorm).toBeGreaterThan(1e4)

  const free = collect(fit(exploding({})))
  await expect(free).rejects.toThrow(DivergedError)
  await expect(free).rejects.toMatchObject({ epoch: 1 })
})
