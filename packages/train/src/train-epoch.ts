// The steps of one epoch. What comes between epochs is the business of `fit`.
import { valueAndGrad } from '@ostinato/autograd'
import { clipGradNorm } from '@ostinato/optim'
import type { Rng } from '@ostinato/tensor'
import { breather } from './breather.ts'
import { DivergedError, findBadGradient, findCulprit } from './diverged.ts'
import type { GradientFlowEvent, StepEvent } from './events.ts'
import type { FitOptions } from './options.ts'
import { Averages } from './outcome.ts'
import type { Progress } from './progress.ts'
import { randomGenerators } from './random.ts'

/**
 * Trains on the batches of the current epoch that are left, until the signal says stop. `progress` is up to date
 * whenever an event is out.
 *
 * @throws DivergedError when the loss or a gradient is not finite
 * @throws RangeError when there are more or fewer batches than the source's length says
 */
export async function* trainEpoch<B>(
  options: FitOptions<B>,
  progress: Progress,
): AsyncGenerator<GradientFlowEvent | StepEvent> {
  const { model, train, signal } = options
  // After the last step and before the end of the epoch a run can be stopped too.
  if (progress.step === train.length || signal?.aborted) return
  const averages = Averages.from(progress.averages)
  const generators = [...randomGenerators(model).values()]
  const breathe = breather()
  let started = performance.now()
  for await (const batch of train.epoch({ epoch: progress.epoch, batch: progress.step })) {
    if (signal?.aborted) return
    if (progress.step === train.length) throw miscounted(train.length, 'more')
    const { outcome, layers, ...figures } = trainStep(options, batch, { progress, generators })
    averages.add(outcome)
    const seconds = (performance.now() - started) / 1000
    progress.step++
    progress.totalSteps++
    progress.seconds += seconds
    progress.averages = averages.state()
    if (layers !== undefined) yield { type: 'gradientFlow', totalSteps: progress.totalSteps, layers }
    yield {
      type: 'step',
      epoch: progress.epoch + 1,
      step: progress.step,
      stepsPerEpoch: train.length,
      totalSteps: progress.totalSteps,
      scores: { loss: outcome.loss.item(), ...outcome.metrics },
      average: averages.scores(),
      ...figures,
      count: outcome.count,
      ...(outcome.tokens !== undefined && { tokens: outcome.tokens }),
      seconds,
    }
    started = performance.now()
    await breathe()
  }
  if (progress.step < train.length && !signal?.aborted) throw miscounted(train.length, progress.step)
}

function miscounted(length: number, got: number | string): RangeError {
  return new RangeError(`fit: expected train to give ${length} batches an epoch, as its length says, got ${got}`)
}

interface StepContext {
  readonly progress: Progress
  readonly generators: readonly Rng[]
}

function trainStep<B>(options: FitOptions<B>, batch: B, { progress, generators }: StepContext) {
  const { model, optimizer, step, clipNorm = Number.MAX_VALUE } = options
  const place = { epoch: progress.epoch + 1, step: progress.step + 1 }
  const random = generators.map((rng) => rng.state())
  const compute = () => valueAndGrad(model, () => {
    const result = step(batch)
    return { value: result.loss, auxiliary: result }
  })
  const { everySteps = 1, observer } = options.gradientFlow ?? {}
  const observed = progress.totalSteps % everySteps === 0 ? observer?.observe(compute) : undefined
  const { value, grads, auxiliary: outcome } = observed?.value ?? compute()
  const loss = value.item()
  if (!Number.isFinite(loss)) {
    // The same numbers are drawn again: what is dropped decides what overflows.
    generators.forEach((rng, i) => { rng.restore(random[i]) })
    throw new DivergedError(`the loss is ${loss}`, { ...place, culprit: findCulprit(model, () => step(batch)) })
  }
  const gradientNorm = clipGradNorm(grads, clipNorm, { nonFinite: 'return' })
  if (!Number.isFinite(gradientNorm)) {
    const culprit = findBadGradient(model, grads)
    throw new DivergedError(`the norm of the gradients is ${gradientNorm}`, { ...place, culprit })
  }
  const { learningRate } = optimizer
  optimizer.step(grads)
  return { outcome, gradientNorm, learningRate, layers: observed?.layers }
}
