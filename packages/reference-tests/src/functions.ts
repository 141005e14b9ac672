// Cases of plain functions: activations and losses. The function is told by the beginning of the case's name.
import {
  binaryCrossEntropyWithLogits,
  huber,
  meanAbsoluteError,
  meanSquaredError,
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
import { checkCase, floats, inputNamed, type RunCase } from './case.ts'
import { crossEntropyOf, ctcOf, reductionOf, weightOf } from './classification.ts'
import { Config } from './config.ts'

/** From the first input, the options and the other inputs to the result. */
type Call = (x: Tensor, config: Config, inputs: Fixture['inputs']) => Tensor

/** The target, in the element type of `x`. */
const target = (inputs: Fixture['inputs'], x: Tensor) => floats(inputs, 'target', x.dtype)

const approximation = (config: Config) => {
  const word = config.word('approximate', 'none')
  if (word === 'none' || word === 'tanh') return word
  throw new Error(`${config.fixture.name}: unknown approximation '${word}'`)
}

const functions: Readonly<Record<string, Call>> = {
  relu: (x) => relu(x),
  leaky_relu: (x, config) => leakyRelu(x, { slope: config.number('negative_slope', 0.01) }),
  elu: (x, config) => elu(x, { alpha: config.number('alpha', 1) }),
  gelu: (x, config) => gelu(x, { approximate: approximation(config) }),
  silu: (x) => silu(x),
  softplus: (x, config) => softplus(x, { beta: config.number('beta', 1), threshold: config.number('threshold', 20) }),
  sigmoid: (x) => sigmoid(x),
  tanh: (x) => tanh(x),
  softmax: (x, config) => softmax(x, { axis: config.number('dim', -1) }),
  log_softmax: (x, config) => logSoftmax(x, { axis: config.number('dim', -1) }),
  mse: (x, config, inputs) => meanSquaredError(x, target(inputs, x), { reduction: reductionOf(config) }),
  l1: (x, config, inputs) => meanAbsoluteError(x, target(inputs, x), { reduction: reductionOf(config) }),
  huber: (x, config, inputs) =>
    huber(x, target(inputs, x), { delta: config.number('delta', 1), reduction: reductionOf(config) }),
  bce_with_logits: (x, config, inputs) => {
    const [weights, positiveWeight] = ['weight', 'pos_weight'].map((name) => weightOf(config, name, x.dtype))
    return binaryCrossEntropyWithLogits(x, target(inputs, x), {
      reduction: reductionOf(config),
      ...(weights && { weights }),
      ...(positiveWeight && { positiveWeight }),
    })
  },
  cross_entropy: crossEntropyOf,
  ctc_loss: ctcOf,
}

/** Longer names first: `relu` must not answer for `relu6`, nor `l1` for another. */
const names = Object.keys(functions).sort((a, b) => b.length - a.length)

export const runFunction: RunCase = (fixture, dtype) => {
  const { name, inputs } = fixture
  const key = names.find((known) => name === known || name.startsWith(`${known}_`))
  if (key === undefined) throw new Error(`${name}: no function of this name`)
  const first = inputNamed(fixture, ['x0', 'input', 'x'])
  const x = floats(inputs, first, dtype)
  const config = new Config(fixture)
  const call = () => functions[key](x, config, inputs)
  checkCase(fixture, dtype, {
    tensors: new Map([[first, x]]),
    forward: () => [{ name: 'y', cotangent: 'gy', value: call() }],
  })
  config.done()
}
