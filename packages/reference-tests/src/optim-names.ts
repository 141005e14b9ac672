// PyTorch's names of optimizers, schedulers and their arguments in ours. A name that is not listed is an error, so
// that no reference case passes unread.
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  cosineDecay,
  exponentialDecay,
  linearDecay,
  multiStepDecay,
  NAdam,
  oneCycle,
  RAdam,
  ReduceOnPlateau,
  RMSprop,
  SGD,
  stepDecay,
  warmRestarts,
  type Optimizer,
  type Schedule,
  type Trainable,
} from '@ostinato/optim'

type Config = Readonly<Record<string, unknown>>

const optionNames: Readonly<Record<string, string>> = {
  lr: 'learningRate',
  momentum: 'momentum',
  dampening: 'dampening',
  nesterov: 'nesterov',
  weight_decay: 'weightDecay',
  alpha: 'alpha',
  centered: 'centered',
  eps: 'epsilon',
  betas: 'betas',
  amsgrad: 'amsgrad',
  lr_decay: 'learningRateDecay',
  initial_accumulator_value: 'initialSum',
  rho: 'rho',
  momentum_decay: 'momentumDecay',
  decoupled_weight_decay: 'decoupled',
}

const optimizers: Readonly<Record<string, new (parameters: Trainable, options: object) => Optimizer>> = {
  SGD,
  RMSprop,
  Adam,
  AdamW,
  Adagrad,
  Adadelta,
  NAdam,
  RAdam,
  Adamax,
}

/** Renames the keys of `config`; a key without a name is an error. */
function rename(config: Config, names: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      if (!Object.hasOwn(names, key)) throw new Error(`no option for '${key}'`)
      return [names[key], value]
    }),
  )
}

export const isOptimizer = (kind: string): boolean => Object.hasOwn(optimizers, kind)

/** The optimizer that PyTorch calls `kind`. */
export function optimizerOf(kind: string, config: Config, parameters: Trainable): Optimizer {
  if (!Object.hasOwn(optimizers, kind)) throw new Error(`no optimizer for '${kind}'`)
  // The reference cases come from a version before 2.0, in which NAdam counted one factor of its product twice.
  const ofThatTime = kind === 'NAdam' ? { repeatedMomentum: true } : {}
  return new optimizers[kind](parameters, { ...rename(config, optionNames), ...ofThatTime })
}

type MakeSchedule = (learningRate: number, config: Config) => Schedule

/** A function of a rate and options, fed with PyTorch's names of them. */
const from =
  <O>(make: (learningRate: number, options: O) => Schedule, names: Record<string, string>): MakeSchedule =>
  (learningRate, config) =>
    make(learningRate, rename(config, names) as O)

const forms: Readonly<Record<string, string>> = { cos: 'cosine', linear: 'linear' }

const schedules: Readonly<Record<string, MakeSchedule>> = {
  StepLR: from(stepDecay, { step_size: 'every', gamma: 'factor' }),
  MultiStepLR: from(multiStepDecay, { milestones: 'milestones', gamma: 'factor' }),
  ExponentialLR: from(exponentialDecay, { gamma: 'factor' }),
  CosineAnnealingLR: from(cosineDecay, { T_max: 'steps', eta_min: 'minimum' }),
  CosineAnnealingWarmRestarts: from(warmRestarts, { T_0: 'period', T_mult: 'growth', eta_min: 'minimum' }),
  LinearLR: (learningRate, { start_factor = 1 / 3, end_factor = 1, total_iters = 5, ...others }) => {
    rename(others, {})
    const [first, final] = [start_factor, end_factor].map((factor) => learningRate * Number(factor))
    return linearDecay(first, { final, steps: Number(total_iters) })
  },
  OneCycleLR: (_, { max_lr, anneal_strategy = 'cos', epochs, steps_per_epoch, ...config }) => {
    const total = epochs === undefined ? {} : { total_steps: Number(epochs) * Number(steps_per_epoch) }
    const options = rename(
      { ...total, ...config, anneal: forms[String(anneal_strategy)] },
      {
        total_steps: 'steps',
        pct_start: 'warmupFraction',
        div_factor: 'initialDivisor',
        final_div_factor: 'finalDivisor',
        three_phase: 'threePhases',
        anneal: 'anneal',
      },
    )
    return oneCycle(Number(max_lr), options as unknown as Parameters<typeof oneCycle>[1])
  },
}

const words: Readonly<Record<string, string>> = { min: 'minimum', max: 'maximum', rel: 'relative', abs: 'absolute' }

export const isSchedule = (kind: string): boolean =>
  kind === 'ReduceLROnPlateau' || Object.hasOwn(schedules, kind)

/** The rate before each of `count` steps; `metric` is what a plateau observes after each. */
export function ratesOf(kind: string, config: Config, count: number, metric: readonly number[] = []): number[] {
  const { base_lr, ...rest } = config
  const learningRate = Number(base_lr)
  if (kind === 'ReduceLROnPlateau') {
    const { mode = 'min', threshold_mode = 'rel', min_lr = 0, ...others } = rest
    // One for each group of parameters; a case has one group.
    const minimum = Array.isArray(min_lr) && min_lr.length === 1 ? (min_lr[0] as unknown) : min_lr
    const named = rename(others, {
      factor: 'factor',
      patience: 'patience',
      threshold: 'threshold',
      cooldown: 'cooldown',
      eps: 'smallestChange',
    })
    const [goal, thresholdMode] = [mode, threshold_mode].map((word) => words[String(word)])
    const options = { learningRate, goal, thresholdMode, minimum, ...named }
    const plateau = new ReduceOnPlateau(options as ConstructorParameters<typeof ReduceOnPlateau>[0])
    return Array.from({ length: count }, (_, i) => {
      const before = plateau.learningRate
      plateau.observe(metric[i])
      return before
    })
  }
  if (!Object.hasOwn(schedules, kind)) throw new Error(`no schedule for '${kind}'`)
  const schedule = schedules[kind](learningRate, rest)
  return Array.from({ length: count }, (_, step) => schedule(step))
}
