// The training loop as a stream of events. It shows, stores and prints nothing itself: whoever reads the stream does.
import { valueAndGrad } from '@ostinato/autograd'
import type { Module } from '@ostinato/nn'
import { clipGradNorm, type Optimizer } from '@ostinato/optim'
import { withTraining, type Tensor } from '@ostinato/tensor'
import { copyState, encodeCheckpoint, restoreCheckpoint, type CheckpointStore } from './checkpoint.ts'
import { DivergedError, findBadGradient, findCulprit } from './diverged.ts'
import type { EpochEvent, StepEvent, StopEvent, TrainingEvent } from './events.ts'
import { Averages, type Outcome, type Scores } from './outcome.ts'
import { newProgress, type EpochRecord, type Progress } from './progress.ts'

/** Batches, epoch by epoch, such as a `DataLoader` of `@ostinato/datasets` gives. */
export interface BatchSource<B> {
  /** The number of batches of an epoch. */
  readonly length: number
  /** The batches of an epoch (counted from 0) from `batch` on. Their order may depend on nothing but the epoch. */
  epoch(at: { readonly epoch: number; readonly batch: number }): Iterable<B> | AsyncIterable<B>
}

/** When to stop before all epochs are done. */
export interface EarlyStopping {
  /** Stop after this many epochs without a better score. */
  readonly patience: number
  /** A score must be better by more than this to count. Default 0. */
  readonly minimumImprovement?: number
}

/** What `fit` trains, and how. */
export interface FitOptions<B> {
  readonly model: Module
  readonly optimizer: Optimizer
  readonly train: BatchSource<B>
  /** Runs the model on one batch; called for training and for validation alike. */
  readonly step: (batch: B) => Outcome
  readonly validation?: BatchSource<B>
  readonly epochs: number
  /** Scales the gradients down to this norm together (Pascanu et al. 2013). Absent: no clipping. */
  readonly clipNorm?: number
  /** The score of an epoch, smaller is better. Default: the validation loss, or the training loss where there is no validation. */
  readonly monitor?: (epoch: Pick<EpochEvent, 'train' | 'validation'>) => number
  readonly earlyStopping?: EarlyStopping
  /** At the end put the parameters of the best epoch back. Default true. */
  readonly restoreBest?: boolean
  /** Where checkpoints go: after every epoch, every `everySteps` steps, and when the run is stopped. */
  readonly checkpoint?: { readonly store: CheckpointStore; readonly everySteps?: number }
  /** Go on from the last checkpoint if there is one. Default false: a new run, which overwrites it. */
  readonly resume?: boolean
  /** Ends the run after the current step, with a checkpoint. */
  readonly signal?: AbortSignal
}

/**
 * Trains `model` and tells about it. Stop by `break` or by the signal: either way a last checkpoint is written when there is a
 * store. An interrupted run that resumes equals one that was not interrupted, bit by bit.
 *
 * @throws DivergedError when the loss or a gradient is NaN or infinite; it names the step and the first bad parameter or operation
 * @throws RangeError when an option does not fit
 * @example
 * ```ts
 * import { Linear, meanSquaredError } from '@ostinato/nn'
 * import { SGD } from '@ostinato/optim'
 * import { Rng, tensor } from '@ostinato/tensor'
 * import { fit } from '@ostinato/train'
 * const model = new Linear(1, 1, { rng: new Rng(0) })
 * const x = tensor([[0], [1], [2]])
 * const y = tensor([[1], [3], [5]])
 * const losses: number[] = []
 * const run = fit({
 *   model,
 *   optimizer: new SGD(model.parameters(), { learningRate: 0.1 }),
 *   train: { length: 1, epoch: () => [{ x, y }] },
 *   step: (batch) => ({ loss: meanSquaredError(model.forward(batch.x), batch.y), count: 3 }),
 *   epochs: 50,
 * })
 * for await (const event of run) if (event.type === 'epoch') losses.push(event.train.loss)
 * console.assert(losses[49] < losses[0] / 10)
 * ```
 */
export async function* fit<B>(options: FitOptions<B>): AsyncGenerator<TrainingEvent, void, undefined> {
  checkOptions(options)
  const { model, epochs, train, checkpoint, restoreBest = true } = options
  let progress = newProgress()
  let best: ReadonlyMap<string, Tensor> = new Map()
  const saved = options.resume === true ? await checkpoint?.store.load() : undefined
  if (saved !== undefined) ({ progress, best } = restoreCheckpoint(saved, options))
  const save = async () => {
    await checkpoint?.store.save(encodeCheckpoint({ ...options, best, progress }))
  }
  let unsaved = false
  try {
    yield {
      type: 'start',
      epochs,
      stepsPerEpoch: train.length,
      parameters: [...model.parameters()].reduce((sum, p) => sum + (p.trainable ? p.size : 0), 0),
      ...(saved && { resumed: { epoch: progress.epoch + 1, step: progress.step } }),
      history: [...progress.history],
    }
    let reason: StopEvent['reason'] = stopsEarly(options, progress) ? 'early' : 'finished'
    while (progress.epoch < epochs && reason === 'finished') {
      for await (const event of trainEpoch(options, progress)) {
        unsaved = true
        yield event
        if (checkpoint?.everySteps !== undefined && progress.step % checkpoint.everySteps === 0) {
          await save()
          unsaved = false
          yield { type: 'checkpoint', epoch: progress.epoch + 1, step: progress.step }
        }
      }
      if (progress.step < train.length) {
        reason = 'aborted'
        break
      }
      const event = await finishEpoch(options, progress)
      if (event === undefined) {
        reason = 'aborted'
        break
      }
      if (event.best) best = copyState(model)
      if (stopsEarly(options, progress)) reason = 'early'
      await save()
      unsaved = false
      yield event
      if (checkpoint !== undefined) yield { type: 'checkpoint', epoch: event.epoch, step: train.length }
    }
    if (reason === 'aborted' && unsaved) {
      await save()
      unsaved = false
      if (checkpoint !== undefined) yield { type: 'checkpoint', epoch: progress.epoch + 1, step: progress.step }
    }
    if (reason !== 'aborted' && restoreBest && best.size > 0) model.loadState(best)
    yield { type: 'stop', reason, epochs: progress.epoch, bestEpoch: progress.best.epoch }
  } catch (error) {
    // What was computed by a run that failed is not worth going on from.
    unsaved = false
    throw error
  } finally {
    // The reader left with `break`.
    if (unsaved) await save()
  }
}

/** The rest of the current epoch's steps, until the signal says stop. */
async function* trainEpoch<B>(options: FitOptions<B>, progress: Progress): AsyncGenerator<StepEvent> {
  const { train, signal } = options
  const averages = Averages.from(progress.averages)
  const breathe = breather()
  for await (const batch of train.epoch({ epoch: progress.epoch, batch: progress.step })) {
    if (signal?.aborted) return
    const started = performance.now()
    const { outcome, scores, gradientNorm, learningRate } = trainStep(options, batch, progress)
    averages.add(outcome)
    const seconds = (performance.now() - started) / 1000
    progress.step++
    progress.totalSteps++
    progress.seconds += seconds
    progress.averages = averages.state()
    yield {
      type: 'step',
      epoch: progress.epoch + 1,
      step: progress.step,
      stepsPerEpoch: train.length,
      totalSteps: progress.totalSteps,
      scores,
      average: averages.scores(),
      gradientNorm,
      learningRate,
      count: outcome.count,
      ...(outcome.tokens !== undefined && { tokens: outcome.tokens }),
      seconds,
    }
    await breathe()
  }
}

function trainStep<B>({ model, optimizer, step, clipNorm }: FitOptions<B>, batch: B, progress: Progress) {
  const { value, grads, auxiliary: outcome } = valueAndGrad(model, () => {
    const result = step(batch)
    return { value: result.loss, auxiliary: result }
  })
  const place = [progress.epoch + 1, progress.step + 1] as const
  const loss = value.item()
  if (!Number.isFinite(loss)) {
    const culprit = findCulprit(model, () => step(batch))
    throw diverged(`the loss is ${loss}`, place, culprit)
  }
  const gradientNorm = clipGradNorm(grads, clipNorm ?? Number.MAX_VALUE)
  if (!Number.isFinite(gradientNorm)) throw diverged(`the norm of the gradients is ${gradientNorm}`, place, findBadGradient(model, grads))
  const { learningRate } = optimizer
  optimizer.step(grads)
  return { outcome, scores: { loss, ...outcome.metrics } satisfies Scores, gradientNorm, learningRate }
}

function diverged(what: string, [epoch, step]: readonly [number, number], culprit: string): DivergedError {
  const message = `fit: ${what} in epoch ${epoch}, step ${step}: ${culprit}. Lower the learning rate, clip gradients (clipNorm) or look at this batch`
  return new DivergedError(message, epoch, step, culprit)
}

/** Validates and moves `progress` to the next epoch; undefined when the signal came first. */
async function finishEpoch<B>(options: FitOptions<B>, progress: Progress): Promise<EpochEvent | undefined> {
  const started = performance.now()
  const train = Averages.from(progress.averages).scores()
  const validation = options.validation && (await evaluate({ ...options, data: options.validation }))
  if (options.signal?.aborted && options.validation) return undefined
  const seconds = progress.seconds + (performance.now() - started) / 1000
  const record: EpochRecord = { epoch: progress.epoch + 1, train, ...(validation && { validation }), seconds }
  const score = (options.monitor ?? (() => (validation ?? train).loss))(record)
  const best = score < progress.best.score - (options.earlyStopping?.minimumImprovement ?? 0)
  if (best) progress.best = { score, epoch: record.epoch }
  progress.epochsWithoutImprovement = best ? 0 : progress.epochsWithoutImprovement + 1
  progress.history.push(record)
  Object.assign(progress, { epoch: record.epoch, step: 0, averages: new Averages().state(), seconds: 0 })
  return { type: 'epoch', ...record, best }
}

/** What `evaluate` needs. */
export interface EvaluateOptions<B> {
  readonly data: BatchSource<B>
  readonly step: (batch: B) => Outcome
  readonly signal?: AbortSignal
}

/**
 * Averages the loss and metrics over one pass of `data`, with dropout and its like switched off and no gradients.
 * A signal ends it early, with the averages so far.
 */
export async function evaluate<B>({ data, step, signal }: EvaluateOptions<B>): Promise<Scores> {
  const averages = new Averages()
  const breathe = breather()
  for await (const batch of data.epoch({ epoch: 0, batch: 0 })) {
    if (signal?.aborted) break
    averages.add(withTraining(false, () => step(batch)))
    await breathe()
  }
  return averages.scores()
}

const stopsEarly = <B>({ earlyStopping }: FitOptions<B>, progress: Progress) =>
  earlyStopping !== undefined && progress.epochsWithoutImprovement >= earlyStopping.patience

/** Lets timers, signals and the page run from time to time, and costs nothing in between. */
function breather(milliseconds = 50): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < milliseconds) return
    await new Promise((resolve) => setTimeout(resolve, 0))
    last = performance.now()
  }
}

function checkOptions<B>({ epochs, train, clipNorm, checkpoint, resume, earlyStopping }: FitOptions<B>): void {
  const faults: string[] = []
  const whole = (name: string, value: number | undefined) => {
    if (value !== undefined && (!Number.isInteger(value) || value < 1)) faults.push(`${name}: expected an integer of 1 or more, got ${value}`)
  }
  whole('epochs', epochs)
  whole('train.length', train.length)
  whole('checkpoint.everySteps', checkpoint?.everySteps)
  whole('earlyStopping.patience', earlyStopping?.patience)
  if (clipNorm !== undefined && !(clipNorm > 0)) faults.push(`clipNorm: expected a number above 0, got ${clipNorm}`)
  if (resume === true && checkpoint === undefined) faults.push('resume: expected a checkpoint store to resume from, got none')
  if (faults.length > 0) throw new RangeError(`fit: ${faults.join('; ')}`)
}
