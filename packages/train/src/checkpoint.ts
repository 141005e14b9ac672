// A checkpoint: everything that an interrupted run needs to go on exactly, as one safetensors file. Where it is kept is
// the business of a `CheckpointStore`.
import type { Module } from '@ostinato/nn'
import type { Optimizer } from '@ostinato/optim'
import { decodeSafetensors, encodeSafetensors, type Decoded } from '@ostinato/safetensors'
import { formatShape, Rng, sameShape, Tensor, type AnyTensor, type RngState } from '@ostinato/tensor'
import { CheckpointError } from './checkpoint-error.ts'
import { exactJson } from './exact-json.ts'
import type { Progress } from './progress.ts'
import { randomGenerators } from './random.ts'
import { readProgress } from './read-progress.ts'

/** A place for one checkpoint. Saving replaces the last one whole, or leaves it as it was. */
export interface CheckpointStore {
  save(checkpoint: Uint8Array): Promise<void>
  /** The last checkpoint; undefined when there is none. */
  load(): Promise<Uint8Array | undefined>
}

/** What a run consists of. */
export interface RunState {
  readonly model: Module
  readonly optimizer: Optimizer
  /** The parameters of the best epoch, by name; empty when there is none yet. */
  readonly best: ReadonlyMap<string, Tensor>
  readonly progress: Progress
}

/** What a checkpoint is put back into. */
export interface RestoreTarget extends Pick<RunState, 'model' | 'optimizer'> {
  /** Steps of an epoch: when given, a checkpoint of a run with another number is refused. */
  readonly stepsPerEpoch?: number
}

const format = 'ostinato-checkpoint-1'
const parts = ['model', 'optimizer', 'best'] as const
type Part = (typeof parts)[number]
type Named = ReadonlyMap<string, AnyTensor>

/**
 * The bytes of a checkpoint: the parameters (running statistics among them), the best parameters, the optimizer's
 * moments and counters, the state of every random generator in the model's public fields, and the progress.
 *
 * @example
 * ```ts
 * import { Linear } from '@ostinato/nn'
 * import { Adam } from '@ostinato/optim'
 * import { Rng } from '@ostinato/tensor'
 * import { encodeCheckpoint, newProgress, restoreCheckpoint } from '@ostinato/train'
 * const model = new Linear(2, 1, { rng: new Rng(0) })
 * const optimizer = new Adam(model.parameters(), { learningRate: 0.01 })
 * const bytes = encodeCheckpoint({ model, optimizer, best: new Map(), progress: newProgress({ stepsPerEpoch: 9 }) })
 * const saved = [...model.weight.data]
 * model.weight.update((data) => data.fill(0))
 * const { progress } = restoreCheckpoint(bytes, { model, optimizer })
 * console.assert(progress.epoch === 0 && saved.every((value, i) => model.weight.data[i] === value))
 * ```
 */
export function encodeCheckpoint({ model, optimizer, best, progress }: RunState): Uint8Array {
  const moments = optimizer.state()
  const tensors = new Map<string, AnyTensor>()
  const put = (part: Part, from: ReadonlyMap<string, AnyTensor>) => {
    for (const [name, tensor] of from) tensors.set(`${part}/${name}`, tensor)
  }
  put('model', model.state())
  put('optimizer', moments.tensors)
  put('best', best)
  const random = Object.fromEntries(Array.from(randomGenerators(model), ([name, rng]) => [name, rng.state()]))
  return encodeSafetensors(tensors, {
    format,
    progress: exactJson(progress),
    optimizer: JSON.stringify(moments.counters),
    random: JSON.stringify(random),
  })
}

/**
 * Puts a checkpoint back into `model` and `optimizer`. Everything is checked before anything is changed.
 *
 * @returns the progress and the best parameters
 * @throws CheckpointError when the bytes are no checkpoint, or one of another model, optimizer or number of steps
 */
export function restoreCheckpoint(bytes: Uint8Array, target: RestoreTarget): Pick<RunState, 'best' | 'progress'> {
  const { model, optimizer, stepsPerEpoch } = target
  const { tensors, metadata } = decode(bytes)
  const faults: string[] = []
  const saved = sort(tensors, faults)
  compare('model', { expected: model.state(), got: saved.model }, faults)
  if (saved.best.size > 0) compare('best', { expected: model.state(), got: saved.best }, faults)
  const generators = randomGenerators(model)
  const states = readRandom(generators, parse('random', metadata, faults), faults)
  const written = parse('progress', metadata, faults)
  const progress = written === undefined ? undefined : readProgress(written, faults)
  if (progress !== undefined) checkProgress(progress, { stepsPerEpoch, best: saved.best }, faults)
  const counters = parse('optimizer', metadata, faults) as Record<string, number>
  if (faults.length > 0 || progress === undefined) throw new CheckpointError(faults)

  // All or nothing by itself. What follows has been checked and cannot fail.
  try {
    optimizer.loadState({ tensors: saved.optimizer, counters })
  } catch (error) {
    throw new CheckpointError([error instanceof Error ? error.message : String(error)], { cause: error })
  }
  model.loadState(saved.model)
  for (const [name, rng] of generators) rng.restore(states[name])
  return { best: saved.best as Map<string, Tensor>, progress }
}

/** A copy of the model's parameters, by name. */
export function copyState(model: Module): Map<string, Tensor> {
  const copy = ({ data, shape, dtype }: Tensor) => new Tensor(data.slice(), shape, dtype)
  return new Map(Array.from(model.state(), ([name, tensor]) => [name, copy(tensor)]))
}

function decode(bytes: Uint8Array): Decoded {
  let decoded: Decoded
  try {
    decoded = decodeSafetensors(bytes)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CheckpointError([`expected a safetensors file: is it cut off? ${reason}`], { cause: error })
  }
  const { format: found } = decoded.metadata
  if (found === format) return decoded
  throw new CheckpointError([`expected the format ${format}, got ${found ?? 'a safetensors file without a format'}`])
}

/** The tensors of each part, without its prefix. */
function sort(tensors: Named, faults: string[]): Record<Part, Map<string, AnyTensor>> {
  const sorted = { model: new Map(), optimizer: new Map(), best: new Map() } as Record<Part, Map<string, AnyTensor>>
  for (const [name, tensor] of tensors) {
    const part = parts.find((prefix) => name.startsWith(`${prefix}/`))
    if (part === undefined) faults.push(`expected tensors of ${parts.join(', ')}, got '${name}'`)
    else sorted[part].set(name.slice(part.length + 1), tensor)
  }
  return sorted
}

/** Names, shapes and types must be the same: a run that goes on in another precision is another run. */
function compare(part: Part, { expected, got }: Record<'expected' | 'got', Named>, faults: string[]): void {
  const show = (tensor: AnyTensor | undefined) =>
    tensor === undefined ? 'nothing of that name' : `${tensor.dtype}${formatShape(tensor.shape)}`
  for (const [name, tensor] of expected) {
    const found = got.get(name)
    if (found?.dtype === tensor.dtype && sameShape(found.shape, tensor.shape)) continue
    faults.push(`${part}: expected '${name}' ${show(tensor)}, got ${show(found)}`)
  }
  for (const name of got.keys()) {
    if (!expected.has(name)) faults.push(`${part}: expected no '${name}': the model has no such parameter`)
  }
}

/** The JSON under `key`; undefined, with a fault noted, where there is none. */
function parse(key: string, metadata: Decoded['metadata'], faults: string[]): unknown {
  try {
    return JSON.parse(metadata[key] ?? '')
  } catch {
    faults.push(`${key}: expected JSON, got ${metadata[key] === undefined ? 'none' : 'something else'}`)
    return undefined
  }
}

type Random = Readonly<Record<string, RngState>>

function readRandom(generators: ReadonlyMap<string, Rng>, value: unknown, faults: string[]): Random {
  if (value === undefined) return {}
  const states = (typeof value === 'object' && value !== null ? value : {}) as Random
  for (const name of generators.keys()) {
    try {
      Rng.fromState(states[name])
    } catch {
      const got = Object.hasOwn(states, name) ? 'something else' : 'none'
      faults.push(`random: expected the state of the generator '${name}', got ${got}`)
    }
  }
  for (const name of Object.keys(states)) {
    if (!generators.has(name)) faults.push(`random: expected no '${name}': the model has no such generator`)
  }
  return states
}

interface ProgressContext {
  readonly stepsPerEpoch: number | undefined
  readonly best: Named
}

function checkProgress({ stepsPerEpoch, best }: Progress, context: ProgressContext, faults: string[]): void {
  if (stepsPerEpoch !== (context.stepsPerEpoch ?? stepsPerEpoch)) {
    const expected = `expected epochs of ${context.stepsPerEpoch} steps, got epochs of ${stepsPerEpoch}`
    faults.push(`progress: ${expected}: go on with the same data and batch size`)
  }
  if ((best.epoch > 0) !== (context.best.size > 0)) {
    const parameters = context.best.size > 0 ? 'best parameters' : 'none'
    faults.push(`best: expected ${best.epoch > 0 ? `the parameters of epoch ${best.epoch}` : 'none'}, got ${parameters}`)
  }
}
