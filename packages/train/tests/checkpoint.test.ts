// Checkpoints: all that a run is, back again; and whatever else the bytes are, a clear error and nothing changed.
import { Linear } from '@ostinato/nn'
import { Adam, SGD } from '@ostinato/optim'
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from '@ostinato/safetensors'
import { cast, Rng, tensor, zeros, type AnyTensor } from '@ostinato/tensor'
import { CheckpointError, encodeCheckpoint, fit, newProgress, restoreCheckpoint } from '@ostinato/train'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { MemoryStore, run, weights, type Run } from './support.ts'

let saved: Uint8Array
let source: Run

beforeAll(async () => {
  const store = new MemoryStore()
  source = run({ checkpoint: { store }, monitor: () => -Infinity })
  for await (const event of fit(source)) if (event.type === 'step' && event.totalSteps === 8) break
  saved = store.bytes
})

/** All that restoring may change. */
const stateOf = ({ model, optimizer }: Run) => ({
  weights: weights(model),
  optimizer: optimizer.state(),
  random: model.dropout.rng.state(),
})

/** What restoring into a fresh run throws, after making sure that it changed nothing. */
function failureOf(bytes: Uint8Array, target = run({ seed: 3 }), stepsPerEpoch?: number): CheckpointError {
  const before = stateOf(target)
  let failure: unknown
  try {
    restoreCheckpoint(bytes, { ...target, ...(stepsPerEpoch !== undefined && { stepsPerEpoch }) })
  } catch (error) {
    failure = error
  }
  expect(failure).toBeInstanceOf(CheckpointError)
  expect(stateOf(target)).toEqual(before)
  return failure as CheckpointError
}

/** The saved checkpoint with some tensors and strings replaced; undefined takes one away. */
function changed(
  tensors: Readonly<Record<string, AnyTensor | undefined>>,
  metadata: Readonly<Record<string, string | undefined>> = {},
): Uint8Array {
  const decoded = decodeSafetensors(saved)
  const present = <T>(entries: Iterable<[string, T | undefined]>) =>
    [...entries].filter((entry): entry is [string, T] => entry[1] !== undefined)
  const all = new Map([...decoded.tensors, ...Object.entries(tensors)])
  const strings = { ...decoded.metadata, ...metadata }
  return encodeSafetensors(new Map(present(all)), Object.fromEntries(present(Object.entries(strings))))
}

/** The saved progress with one place in it replaced. */
function withProgress(change: (progress: Record<string, unknown>) => unknown): Uint8Array {
  const progress = JSON.parse(decodeSafetensors(saved).metadata['progress']) as Record<string, unknown>
  return changed({}, { progress: JSON.stringify(change(progress)) })
}

test('everything comes back', () => {
  const target = run({ seed: 3 })
  const { progress, best } = restoreCheckpoint(saved, { ...target, stepsPerEpoch: 5 })
  expect(stateOf(target)).toEqual(stateOf(source))
  expect(progress).toMatchObject({ epoch: 1, step: 3, totalSteps: 8, best: { score: -Infinity, epoch: 1 } })
  expect(new Set(best.keys())).toEqual(new Set(source.model.state().keys()))
  expect(encodeCheckpoint({ ...target, progress, best })).toEqual(saved)
})

test('numbers that JSON does not know come back', () => {
  const { model, optimizer } = run()
  const progress = newProgress({ stepsPerEpoch: 2 })
  progress.averages = { a: { total: -0, count: 1 }, b: { total: NaN, count: 0 }, c: { total: -Infinity, count: 3 } }
  const bytes = encodeCheckpoint({ model, optimizer, best: new Map(), progress })
  expect(restoreCheckpoint(bytes, { model, optimizer }).progress).toEqual(progress)
  expect(progress.best.score).toBe(Infinity)
})

describe('what is refused, with nothing changed', () => {
  test('bytes that are no safetensors file', () => {
    for (const bytes of [new Uint8Array(), new Uint8Array(40), saved.slice(0, -1), saved.slice(0, 100)]) {
      const failure = failureOf(bytes)
      expect(failure.message).toMatch(/nothing was restored: expected a safetensors file: is it cut off\? decodeSafetensors: /)
      expect(failure.cause).toBeInstanceOf(SafetensorsError)
    }
  })

  test('another format', () => {
    expect(failureOf(encodeSafetensors(source.model.state())).message).toMatch(/got a safetensors file without a format/)
    expect(failureOf(changed({}, { format: 'other' })).message).toMatch(/expected the format ostinato-checkpoint-1, got other/)
  })

  test('another model: every fault at once', () => {
    const bytes = changed({
      'model/head.weight': zeros([1, 9]),
      'model/hidden.bias': undefined,
      'model/hidden.weight': cast(tensor([[1, 2]]), 'float64'),
      'best/head.bias': tensor([1], { dtype: 'int32' }),
      'best/more': zeros([1]),
      stray: zeros([1]),
    })
    expect([...failureOf(bytes).faults].sort()).toEqual([
      "best: expected 'head.bias' float32[1], got int32[1]",
      "best: expected no 'more': the model has no such parameter",
      "expected tensors of model, optimizer, best, got 'stray'",
      "model: expected 'head.weight' float32[1, 8], got float32[1, 9]",
      "model: expected 'hidden.bias' float32[8], got nothing of that name",
      "model: expected 'hidden.weight' float32[8, 2], got float64[1, 2]",
    ])
  })

  test('a model of another precision', () => {
    const single = new Linear(1, 1, { rng: new Rng(0) })
    const double = new Linear(1, 1, { rng: new Rng(0), dtype: 'float64' })
    const sgd = (model: Linear) => new SGD(model.parameters(), { learningRate: 0.1 })
    const progress = newProgress({ stepsPerEpoch: 1 })
    const bytes = encodeCheckpoint({ model: double, optimizer: sgd(double), best: new Map(), progress })
    expect(() => restoreCheckpoint(bytes, { model: single, optimizer: sgd(single) })).toThrow(/float32\[1, 1\], got float64\[1, 1\]/)
  })

  test('another optimizer', () => {
    const target = run()
    const optimizer = new SGD(target.model.parameters(), { learningRate: 0.1, momentum: 0.9 })
    expect(failureOf(saved, { ...target, optimizer }).message).toMatch(/SGD.loadState/)
    const fewer = new Adam(target.model.head.parameters(), { learningRate: 0.1 })
    expect(failureOf(saved, { ...target, optimizer: fewer }).message).toMatch(/Adam.loadState/)
    expect(failureOf(changed({}, { optimizer: 'null' })).message).toMatch(/Adam.loadState/)
    expect(failureOf(changed({}, { optimizer: '{"steps":-1}' })).message).toMatch(/steps/)
  })

  test.each([
    [{}, "random: expected the state of the generator 'dropout.rng', got none"],
    [{ 'dropout.rng': { algorithm: 'xoshiro128**', words: [0, 0, 0, 0] } }, "generator 'dropout.rng', got something else"],
    [{ 'dropout.rng': new Rng(1).state(), other: new Rng(2).state() }, "random: expected no 'other'"],
    [[], "generator 'dropout.rng', got none"],
    [null, "generator 'dropout.rng', got none"],
  ])('random generators %j', (random, fault) => {
    expect(failureOf(changed({}, { random: JSON.stringify(random) })).message).toContain(fault)
  })

  test('metadata that is missing or no JSON', () => {
    const failure = failureOf(changed({}, { progress: undefined, random: '{', optimizer: '' }))
    expect(failure.faults).toEqual([
      'random: expected JSON, got something else',
      'progress: expected JSON, got none',
      'optimizer: expected JSON, got something else',
    ])
  })

  test.each<[string, (progress: Record<string, unknown>) => unknown]>([
    ['progress: expected an object, got null', () => null],
    ['progress: expected an object, got [', () => [1, 2]],
    ['progress.epoch: expected an integer of 0 or more, got -1', (p) => ({ ...p, epoch: -1 })],
    ['progress.epoch: expected an integer of 0 or more, got "1"', (p) => ({ ...p, epoch: '1' })],
    ['progress.epoch: expected an integer of 0 or more, got none', ({ epoch, ...p }) => p],
    ['progress.step: expected an integer from 0 to 5, got 6', (p) => ({ ...p, step: 6 })],
    ['progress.totalSteps: expected 8 after 1 epochs of 5 and 3 more, got 9', (p) => ({ ...p, totalSteps: 9 })],
    ['progress.seconds: expected a finite number of 0 or more, got "NaN"', (p) => ({ ...p, seconds: 'NaN' })],
    ['progress.averages.loss.count: expected a finite', (p) => ({ ...p, averages: { loss: { total: 1, count: -1 } } })],
    ['progress.averages.loss: expected an object, got 3', (p) => ({ ...p, averages: { loss: 3 } })],
    ['progress.best.score: expected a number, got null', (p) => ({ ...p, best: { score: null, epoch: 1 } })],
    ['progress.best.epoch: expected an integer from 0 to 1, got 2', (p) => ({ ...p, best: { score: 1, epoch: 2 } })],
    ['best: expected none, got best parameters', (p) => ({ ...p, best: { score: 1, epoch: 0 } })],
    ['progress.epochsWithoutImprovement: expected', (p) => ({ ...p, epochsWithoutImprovement: 2 })],
    ['progress.history: expected a list, got none', ({ history, ...p }) => p],
    ['progress.history: expected one entry for each of 1 epochs, got 0', (p) => ({ ...p, history: [] })],
    ['progress.history[0].epoch: expected 1, got 2', (p) => ({ ...p, history: [{ epoch: 2, train: { loss: 1 }, seconds: 0 }] })],
    ['progress.history[0].train.loss: expected a number, got none', (p) => ({ ...p, history: [{ epoch: 1, train: {}, seconds: 0 }] })],
    ['progress.history[0].train.a: expected a number, got {"b":1}', (p) => ({
      ...p,
      history: [{ epoch: 1, train: { loss: 1, a: { b: 1 } }, seconds: 0 }],
    })],
  ])('%s', (message, change) => {
    expect(failureOf(withProgress(change)).message).toContain(message)
  })

  test('best parameters that are missing', () => {
    const names = [...source.model.state().keys()].map((name) => `best/${name}`)
    const bytes = changed(Object.fromEntries(names.map((name) => [name, undefined])))
    expect(failureOf(bytes).message).toContain('best: expected the parameters of epoch 1, got none')
  })

  test('another number of steps an epoch', () => {
    expect(failureOf(saved, run(), 3).message).toContain('expected epochs of 3 steps, got epochs of 5')
  })

  test('a list of faults is kept short', () => {
    const stray = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`stray ${i}`, zeros([1])]))
    const failure = failureOf(changed(stray))
    expect(failure.faults).toHaveLength(30)
    expect(failure.message).toMatch(/30 faults\n {2}1\. .*\n {2}and 20 more$/s)
  })

  test('any file cut off anywhere, or with any byte changed, is read whole or refused whole', () => {
    fc.assert(fc.property(fc.nat(saved.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      failureOf(saved.slice(0, at))
      const bytes = saved.slice()
      bytes[at] ^= by
      const target = run({ seed: 3 })
      const before = stateOf(target)
      try {
        restoreCheckpoint(bytes, target)
        // The byte was one of a value or of a name of no consequence.
        expect(stateOf(target)).not.toEqual(before)
      } catch (error) {
        expect(error).toBeInstanceOf(CheckpointError)
        expect(stateOf(target)).toEqual(before)
      }
    }), { numRuns: 200 })
  })
})
