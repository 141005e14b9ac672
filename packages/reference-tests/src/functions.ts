// Cases of plain functions: activations and losses. The function is told by the beginning of the case's name.
import {
  binaryCrossEntropyWithLogits,
  crossEntropy,
  ctcLoss,
  huber,
  meanAbsoluteError,
  meanSquaredError,
  type Reduction,
} from '@ostinato/nn'
import {
  elu,
  gelu,
  leakyRelu,
  logSoftmax,
  relu,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
  type Tensor,
} from '@ostinato/tensor'
import type { Fixture } from '@ostinato/test-utils'
import { checkCase, Config, floats, ids, type RunCase } from './case.ts'

/** From the first input, the options and the other inputs to the result. */
type Call = (x: Tensor, config: Config, inputs: Fixture['inputs']) => Tensor

const reductionOf = (config: Config): Reduction => {
  const word = config.word('reduction', 'mean')
  if (word === 'mean' || word === 'sum' || word === 'none') return word
  throw new Error(`${config.fixture.name}: unknown reduction '${word}'`)
}

/** The target, in the element type of `x`. */
const target = (inputs: Fixture['inputs'], x: Tensor) => floats(inputs, 'target', x.dtype)

const functions: Readonly<Record<string, Call>> = {
  relu: (x) => relu(x),
  leaky_relu: (x, config) => leakyRelu(x, { slope: config.number('negative_slope', 0.01) }),
  elu: (x, config) => elu(x, { alpha: config.number('alpha', 1) }),
  gelu: (x, config) => gelu(x, { approximate: config.word('approximate', 'none') === 'tanh' ? 'tanh' : 'none' }),
  silu: (x) => silu(x),
  softplus: (x, config) => softplus(x, { beta: config.number('beta', 1), threshold: config.number('threshold', 20) }),
  sigmoid: (x) => sigmoid(x),
  tanh: (x) => tanh(x),
  softmax: (x, config) => softmax(x, { axis: config.number('dim', -1) }),
  log_softmax: (x, config) => logSoftmax(x, { axis: config.number('dim') }),
  mse: (x, config, inputs) => meanSquaredError(x, target(inputs, x), { reduction: reductionOf(config) }),
  l1: (x, config, inputs) => meanAbsoluteError(x, target(inputs, x), { reduction: reductionOf(config) }),
  huber: (x, config, inputs) =>
    huber(x, target(inputs, x), { delta: config.number('delta', 1), reduction: reductionOf(config) }),
  bce_with_logits: (x, config, inputs) =>
    binaryCrossEntropyWithLogits(x, target(inputs, x), {
      reduction: reductionOf(config),
      ...('weight' in inputs && { weights: floats(inputs, 'weight', x.dtype) }),
      ...('pos_weight' in inputs && { positiveWeight: floats(inputs, 'pos_weight', x.dtype) }),
    }),
  cross_entropy: (x, config, inputs) =>
    crossEntropy(x, ids(inputs, 'target'), {
      ignoreId: config.number('ignore_index', -100),
      labelSmoothing: config.number('label_smoothing', 0),
      reduction: reductionOf(config),
      ...('weight' in inputs && { weights: floats(inputs, 'weight', x.dtype) }),
    }),
  ctc_loss: (x, config, inputs) =>
    ctcLoss(logSoftmax(x, { axis: 2 }), ids(inputs, 'target'), {
      inputLengths: ids(inputs, 'input_lengths'),
      targetLengths: ids(inputs, 'target_lengths'),
      blank: config.number('blank', 0),
      zeroInfinity: config.flag('zero_infinity', false),
      reduction: reductionOf(config),
    }),
}

/** Longer names first: `relu` must not answer for `relu6`, nor `l1` for another. */
const names = Object.keys(functions).sort((a, b) => b.length - a.length)

export const runFunction: RunCase = (fixture, dtype) => {
  const { name, inputs } = fixture
  const key = names.find((known) => name === known || name.startsWith(`${known}_`))
  if (key === undefined) throw new Error(`${name}: no function of this name`)
  const x = floats(inputs, 'x0', dtype)
  const config = new Config(fixture)
  const call = () => functions[key](x, config, inputs)
  checkCase(fixture, dtype, {
    tensors: new Map([['x0', x]]),
    forward: () => [{ name: 'y', cotangent: 'gy', value: call() }],
  })
  config.done()
}
