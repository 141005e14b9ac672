// The training loop as a stream of events. It shows, stores and prints nothing itself: whoever reads the stream does.
import type { Tensor } from '@ostinato/tensor'
import { copyState, encodeCheckpoint, restoreCheckpoint } from './checkpoint.ts'
import { DivergedError, findBadParameter } from './diverged.ts'
import { evaluate } from './evaluate.ts'
import type { CheckpointEvent, EpochEvent, StartEvent, StopEvent, TrainingEvent } from './events.ts'
import { checkOptions, type FitOptions } from './options.ts'
import { Averages, type Scores } from './outcome.ts'
import { newProgress, type EpochRecord, type Progress } from './progress.ts'
import { trainEpoch } from './train-epoch.ts'

/**
 * Trains `model` and tells about it. Stop by `break` or by the signal: either way a last checkpoint is written when
 * there is a store. An interrupted run that resumes equals one that was not interrupted, bit by bit, if it is made with
 * the same options over a model of the same form; the random generators in the model's public fields go on too.
 *
 * A run that fails writes nothing: the last checkpoint before it stays.
 *
 * @throws DivergedError when the loss or a gradient is NaN or infinite, or the validation loss is NaN; it names the
 * step and the first bad parameter or operation
 * @throws CheckpointError when the checkpoint to resume from does not fit; then nothing has changed
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
  let progress = newProgress({ stepsPerEpoch: train.length })
  let best: ReadonlyMap<string, Tensor> = new Map()
  const saved = options.resume === true ? await checkpoint?.store.load() : undefined
  if (saved !== undefined) ({ progress, best } = restoreCheckpoint(saved, { ...options, stepsPerEpoch: train.length }))

  /** Whether steps have been taken that no checkpoint holds. */
  let unsaved = false
  const save = async (event: CheckpointEvent): Promise<CheckpointEvent[]> => {
    if (checkpoint === undefined) return []
    await checkpoint.store.save(encodeCheckpoint({ ...options, best, progress }))
    unsaved = false
    return [event]
  }
  const here = (): CheckpointEvent => ({ type: 'checkpoint', epoch: progress.epoch + 1, step: progress.step })

  try {
    yield {
      type: 'start',
      epochs,
      stepsPerEpoch: train.length,
      parameters: Array.from(model.parameters()).reduce((sum, p) => sum + (p.trainable ? p.size : 0), 0),
      ...(saved && { resumed: placeOf(progress, options) }),
      history: [...progress.history],
    }
    let reason: StopEvent['reason'] = stopsEarly(options, progress) ? 'early' : 'finished'
    while (progress.epoch < epochs && reason === 'finished') {
      for await (const event of trainEpoch(options, progress)) {
        unsaved = true
        yield event
        if (event.type === 'step' && progress.step % (checkpoint?.everySteps ?? Infinity) === 0) yield* await save(here())
      }
      const event = progress.step < train.length ? undefined : await finishEpoch(options, progress)
      if (event === undefined) {
        reason = 'aborted'
      } else {
        if (event.best) best = copyState(model)
        if (stopsEarly(options, progress)) reason = 'early'
        const told = await save({ type: 'checkpoint', epoch: event.epoch, step: train.length })
        yield event
        yield* told
      }
    }
    if (reason === 'aborted' && unsaved) yield* await save(here())
    if (reason !== 'aborted' && restoreBest && best.size > 0) model.loadState(best)
    yield { type: 'stop', reason, epochs: progress.epoch, bestEpoch: progress.best.epoch }
  } catch (error) {
    unsaved = false
    throw error
  } finally {
    // The reader left with `break`.
    if (unsaved) await save(here())
  }
}

/** Where a run goes on; the end of its last epoch when it was finished. */
function placeOf<B>({ epoch, step }: Progress, { epochs, train }: FitOptions<B>): NonNullable<StartEvent['resumed']> {
  return epoch < epochs ? { epoch: epoch + 1, step } : { epoch, step: train.length }
}

/** Validates and moves `progress` to the next epoch; undefined when the signal came before that was done. */
async function finishEpoch<B>(options: FitOptions<B>, progress: Progress): Promise<EpochEvent | undefined> {
  const started = performance.now()
  const validation = await validate(options)
  if (validation === 'aborted') return undefined
  checkValidation(options, progress, validation)
  const record: EpochRecord = {
    epoch: progress.epoch + 1,
    train: Averages.from(progress.averages).scores(),
    ...(validation && { validation }),
    seconds: progress.seconds + (performance.now() - started) / 1000,
  }
  const score = scoreOf(options, record)
  const best = score < progress.best.score - (options.earlyStopping?.minimumImprovement ?? 0)
  if (best) progress.best = { score, epoch: record.epoch }
  progress.epochsWithoutImprovement = best ? 0 : progress.epochsWithoutImprovement + 1
  progress.history.push(record)
  Object.assign(progress, { epoch: record.epoch, step: 0, averages: new Averages().state(), seconds: 0 })
  return { type: 'epoch', ...record, best }
}

async function validate<B>(options: FitOptions<B>): Promise<Scores | 'aborted' | undefined> {
  const { validation: data, signal } = options
  if (data === undefined) return undefined
  try {
    return await evaluate({ ...options, data })
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return 'aborted'
    throw error
  }
}

function checkValidation<B>({ model, train }: FitOptions<B>, { epoch }: Progress, validation?: Scores): void {
  if (validation === undefined || !Number.isNaN(validation.loss)) return
  const culprit = findBadParameter(model) ?? 'every parameter is finite, so it comes from the validation data'
  throw new DivergedError('the validation loss is NaN', { epoch: epoch + 1, step: train.length, culprit })
}

function scoreOf<B>({ monitor }: FitOptions<B>, { epoch, train, validation }: EpochRecord): number {
  if (monitor === undefined) return (validation ?? train).loss
  const score: unknown = monitor({ train, ...(validation && { validation }) })
  if (typeof score === 'number' && !Number.isNaN(score)) return score
  const got = `${String(score)} for epoch ${epoch}, whose scores are ${Object.keys(train).join(', ')}`
  throw new RangeError(`fit: expected monitor to return a number, got ${got}`)
}

const stopsEarly = <B>({ earlyStopping }: FitOptions<B>, progress: Progress) =>
  earlyStopping !== undefined && progress.epochsWithoutImprovement >= earlyStopping.patience
