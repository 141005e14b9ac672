// PyTorch's feed-forward layers, their arguments and parameters in ours. run-layer.ts runs them.
import {
  Conv1d,
  Conv2d,
  ConvTranspose1d,
  ConvTranspose2d,
  Embedding,
  LayerNorm,
  Linear,
  type Parameter,
} from '@ostinato/nn'
import { averagePool1d, averagePool2d, maxPool1d, maxPool2d, type Tensor } from '@ostinato/tensor'
import { attention } from './attention.ts'
import { batchNorm1d, batchNorm2d } from './batch-norm.ts'
import { ids, inputNamed } from './case.ts'
import type { Config } from './config.ts'
import type { Made, Make } from './made.ts'

/** A layer with a weight and a bias that takes one input. */
function plain(layer: {
  readonly weight: Parameter | null
  readonly bias: Parameter | null
  forward(x: Tensor): Tensor
}): Made {
  return {
    parameters: [
      ['weight', layer.weight],
      ['bias', layer.bias],
    ],
    call: ([x]) => layer.forward(x),
  }
}

/** The size of a window along one axis, or along both. */
const along = (axes: 1 | 2, config: Config) => ({
  one: (name: string, otherwise?: number) => {
    const value = config.sizes(name, otherwise)
    if (typeof value === 'number') return value
    if (axes === 1 && value.length === 1) return value[0]
    throw new Error(`${config.fixture.name}: expected one number for '${name}'`)
  },
  both: (name: string, otherwise?: number): number | readonly [number, number] => {
    const value = config.sizes(name, otherwise)
    if (typeof value === 'number') return value
    if (value.length === 2) return [value[0], value[1]]
    throw new Error(`${config.fixture.name}: expected two numbers for '${name}'`)
  },
})

const convolution = <E>(read: (name: string, otherwise?: number) => E, config: Config) => ({
  stride: read('stride', 1),
  padding: read('padding', 0),
  dilation: read('dilation', 1),
  groups: config.number('groups', 1),
  bias: config.flag('bias', true),
})

/** PyTorch's default stride is the size of the window. */
const pooling = <E>(read: (name: string, otherwise?: number) => E, config: Config) => {
  const size = read('kernel_size')
  const stride = config.fixture.config['stride'] === undefined ? size : read('stride')
  return { size, stride, padding: read('padding', 0), ceilMode: config.flag('ceil_mode', false) }
}

const pool = (call: (x: Tensor) => Tensor): Made => ({ parameters: [], call: ([x]) => call(x) })
const channels = (config: Config) => [config.number('in_channels'), config.number('out_channels')] as const

export const makers: Readonly<Record<string, Make>> = {
  Linear: (config, options) =>
    plain(
      new Linear(config.number('in_features'), config.number('out_features'), {
        ...options,
        bias: config.flag('bias', true),
      }),
    ),
  LayerNorm: (config, { dtype }) => {
    const affine = config.flag('elementwise_affine', true)
    const bias = config.flag('bias', true) && affine
    const epsilon = config.number('eps', 1e-5)
    return plain(new LayerNorm(config.sizes('normalized_shape'), { dtype, epsilon, weight: affine, bias }))
  },
  BatchNorm1d: batchNorm1d,
  BatchNorm2d: batchNorm2d,
  Conv1d: (config, options) => {
    const read = along(1, config).one
    return plain(new Conv1d(...channels(config), read('kernel_size'), { ...options, ...convolution(read, config) }))
  },
  Conv2d: (config, options) => {
    const read = along(2, config).both
    return plain(new Conv2d(...channels(config), read('kernel_size'), { ...options, ...convolution(read, config) }))
  },
  ConvTranspose1d: (config, options) => {
    const read = along(1, config).one
    const outputPadding = read('output_padding', 0)
    return plain(
      new ConvTranspose1d(...channels(config), read('kernel_size'), {
        ...options,
        outputPadding,
        ...convolution(read, config),
      }),
    )
  },
  ConvTranspose2d: (config, options) => {
    const read = along(2, config).both
    const outputPadding = read('output_padding', 0)
    return plain(
      new ConvTranspose2d(...channels(config), read('kernel_size'), {
        ...options,
        outputPadding,
        ...convolution(read, config),
      }),
    )
  },
  MaxPool1d: (config) => {
    const { one } = along(1, config)
    const options = { ...pooling(one, config), dilation: one('dilation', 1) }
    return pool((x) => maxPool1d(x, options))
  },
  MaxPool2d: (config) => {
    const { both } = along(2, config)
    const options = { ...pooling(both, config), dilation: both('dilation', 1) }
    return pool((x) => maxPool2d(x, options))
  },
  AvgPool1d: (config) => {
    const options = { ...pooling(along(1, config).one, config), countPadding: config.flag('count_include_pad', true) }
    return pool((x) => averagePool1d(x, options))
  },
  AvgPool2d: (config) => {
    const options = { ...pooling(along(2, config).both, config), countPadding: config.flag('count_include_pad', true) }
    return pool((x) => averagePool2d(x, options))
  },
  Embedding: (config, options) => {
    const [count, size] = [config.number('num_embeddings'), config.number('embedding_dim')]
    const paddingId = config.get('padding_idx')
    const layer = new Embedding(count, size, {
      ...options,
      // PyTorch counts a negative one from the end.
      ...(typeof paddingId === 'number' && { paddingId: paddingId < 0 ? count + paddingId : paddingId }),
    })
    return {
      parameters: [['weight', layer.weight]],
      ids: true,
      call: (_, fixture) => layer.forward(ids(fixture.inputs, inputNamed(fixture, ['x0', 'input', 'x']))),
    }
  },
  MultiheadAttention: attention,
}
