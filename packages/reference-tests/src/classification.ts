// The losses over classes: from PyTorch's layouts of scores, targets and lengths to ours.
import { crossEntropy, ctcLoss, type Reduction } from '@ostinato/nn'
import { logSoftmax, reshape, tensor, transpose, type FloatDType, type Tensor } from '@ostinato/tensor'
import { isFixtureTensor, type Fixture, type FixtureValue } from '@ostinato/test-utils'
import { floats, ids } from './case.ts'
import type { Config } from './config.ts'

export const reductionOf = (config: Config): Reduction => {
  const word = config.word('reduction', 'mean')
  if (word === 'mean' || word === 'sum' || word === 'none') return word
  throw new Error(`${config.fixture.name}: unknown reduction '${word}'`)
}

/** A weight that a case may have as an input or as an option: a tensor, a list or a number. */
export function weightOf(config: Config, name: string, dtype: FloatDType): Tensor | undefined {
  const { inputs } = config.fixture
  if (name in inputs) return floats(inputs, name, dtype)
  const value = config.get(name) as FixtureValue | undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number' && isFixtureTensor(value)) return tensor(value.data, { shape: value.shape, dtype })
  return tensor(value as number | readonly number[], { dtype })
}

/** `[batch, classes, d1, …]` with the classes last. */
function classesLast(x: Tensor): Tensor {
  if (x.rank <= 2) return x
  return transpose(x, [0, ...Array.from({ length: x.rank - 2 }, (_, i) => i + 2), 1])
}

export function crossEntropyOf(x: Tensor, config: Config, inputs: Fixture['inputs']): Tensor {
  const weights = weightOf(config, 'weight', x.dtype)
  return crossEntropy(classesLast(x), ids(inputs, 'target'), {
    ignoreId: config.number('ignore_index', -100),
    labelSmoothing: config.number('label_smoothing', 0),
    reduction: reductionOf(config),
    ...(weights && { weights }),
  })
}

/** The lengths called `name`, an input or an option, in one row. */
function lengthsOf(config: Config, name: string): Tensor<'int32'> {
  const { inputs } = config.fixture
  const lengths = ids(name in inputs ? inputs : { [name]: config.get(name) as FixtureValue }, name)
  return reshape(lengths, [lengths.size])
}

/** Scores `[time, batch, classes]`, or `[time, classes]` of one sequence, whose losses have no axis. */
export function ctcOf(x: Tensor, config: Config, inputs: Fixture['inputs']): Tensor {
  const single = x.rank === 2
  const scores = single ? reshape(x, [x.shape[0], 1, x.shape[1]]) : x
  const targets = ids(inputs, 'target')
  const losses = ctcLoss(logSoftmax(scores, { axis: 2 }), single ? reshape(targets, [targets.size]) : targets, {
    inputLengths: lengthsOf(config, 'input_lengths'),
    targetLengths: lengthsOf(config, 'target_lengths'),
    blank: config.number('blank', 0),
    zeroInfinity: config.flag('zero_infinity', false),
    reduction: reductionOf(config),
  })
  return single ? reshape(losses, []) : losses
}
