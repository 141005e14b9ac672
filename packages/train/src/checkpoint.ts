// A checkpoint: everything that an interrupted run needs to go on exactly, as one safetensors file. Where it is kept is the
// business of a `CheckpointStore`.
import type { Module } from '@ostinato/nn'
import type { Optimizer } from '@ostinato/optim'
import { decodeSafetensors, encodeSafetensors } from '@ostinato/safetensors'
import { isFloat, Rng, Tensor, type AnyTensor } from '@ostinato/tensor'
import type { Progress } from './progress.ts'

/** A place for one checkpoint. Saving replaces the last one whole, or leaves it as it was. */
export interface CheckpointStore {
  save(checkpoint: Uint8Array): Promise<void>
  /** The last checkpoint; undefined when there is none. */
  load(): Promise<Uint8Array | undefined>
}

/** What a run consists of. `best` are the best parameters so far, by name. */
export interface RunState {
  readonly model: Module
  readonly optimizer: Optimizer
  readonly best: ReadonlyMap<string, Tensor>
  readonly progress: Progress
}

const format = 'ostinato-checkpoint-1'

/** The bytes of a checkpoint. */
export function encodeCheckpoint({ model, optimizer, best, progress }: RunState): Uint8Array {
  const moments = optimizer.state()
  const tensors = new Map<string, AnyTensor>()
  const put = (prefix: string, from: ReadonlyMap<string, AnyTensor>) => {
    for (const [name, tensor] of from) tensors.set(`${prefix}${name}`, tensor)
  }
  put('model/', model.state())
  put('optimizer/', moments.tensors)
  put('best/', best)
  return encodeSafetensors(tensors, {
    format,
    progress: JSON.stringify(progress),
    optimizer: JSON.stringify(moments.counters),
    random: JSON.stringify(randomGenerators(model).map((rng) => rng.state())),
  })
}

/**
 * Puts a checkpoint back into `model` and `optimizer`, also the state of every random generator that the model's layers hold.
 *
 * @returns the progress and the best parameters
 * @throws Error when the bytes are no checkpoint, or one of another model or optimizer: then nothing has changed
 */
export function restoreCheckpoint(bytes: Uint8Array, { model, optimizer }: Pick<RunState, 'model' | 'optimizer'>): Pick<RunState, 'best' | 'progress'> {
  const { tensors, metadata } = decodeSafetensors(bytes)
  if (metadata['format'] !== format) {
    throw new Error(`restoreCheckpoint: expected a file of format ${format}, got ${metadata['format'] ?? 'one without a format'}`)
  }
  const part = (prefix: string) => {
    const found = new Map<string, Tensor>()
    for (const [name, tensor] of tensors) {
      if (name.startsWith(prefix) && isFloat(tensor.dtype)) found.set(name.slice(prefix.length), tensor as Tensor)
    }
    return found
  }
  const random = JSON.parse(metadata['random'] ?? '[]') as ReturnType<Rng['state']>[]
  const generators = randomGenerators(model)
  if (random.length !== generators.length) {
    throw new Error(`restoreCheckpoint: expected the states of ${generators.length} random generators, got ${random.length}: the model is another`)
  }
  const before = copyState(model)
  model.loadState(part('model/'))
  try {
    optimizer.loadState({ tensors: part('optimizer/'), counters: JSON.parse(metadata['optimizer'] ?? '{}') as Record<string, number> })
  } catch (error) {
    model.loadState(before)
    throw error
  }
  generators.forEach((rng, i) => {
    rng.restore(random[i])
  })
  return { best: part('best/'), progress: JSON.parse(metadata['progress'] ?? '') as Progress }
}

/** The random generators in the public fields of the model's modules (those of dropout, say), each once, in the order of the fields. */
export function randomGenerators(model: Module): Rng[] {
  const found = new Set<Rng>()
  for (const module of model.modules()) {
    for (const value of Object.values(module) as unknown[]) if (value instanceof Rng) found.add(value)
  }
  return [...found]
}

/** A copy of the model's parameters, by name. */
export function copyState(model: Module): Map<string, Tensor> {
  return new Map([...model.state()].map(([name, { data, shape, dtype }]) => [name, new Tensor(data.slice(), shape, dtype)]))
}
