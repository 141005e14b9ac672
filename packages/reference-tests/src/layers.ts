// Cases of feed-forward layers: PyTorch's class, its arguments and parameters in ours.
import {
  BatchNorm1d,
  BatchNorm2d,
  Conv1d,
  Conv2d,
  ConvTranspose1d,
  ConvTranspose2d,
  Embedding,
  LayerNorm,
  Linear,
  MultiHeadAttention,
  type Parameter,
} from '@ostinato/nn'
import { averagePool1d, averagePool2d, maxPool1d, maxPool2d, Rng, type FloatDType, type Tensor } from '@ostinato/tensor'
import type { Fixture } from '@ostinato/test-utils'
import { checkCase, Config, floats, ids, setParameters, type RunCase } from './case.ts'

/** A layer made ready: its parameters under PyTorch's names, and how it is called. */
interface Made {
  readonly parameters: readonly (readonly [string, Parameter | null])[]
  readonly call: (inputs: readonly Tensor[], fixture: Fixture) => Tensor
}

type Make = (config: Config, options: { readonly rng: Rng; readonly dtype: FloatDType }) => Made

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

const makers: Readonly<Record<string, Make>> = {
  Linear: (config, options) =>
    plain(
      new Linear(config.number('in_features'), config.number('out_features'), {
        ...options,
        bias: config.flag('bias', true),
      }),
    ),
  LayerNorm: (config, { dtype }) =>
    plain(new LayerNorm(config.sizes('normalized_shape'), { dtype, epsilon: config.number('eps', 1e-5) })),
  BatchNorm1d: (config, options) => plain(new BatchNorm1d(config.number('num_features'), batchNorm(config, options))),
  BatchNorm2d: (config, options) => plain(new BatchNorm2d(config.number('num_features'), batchNorm(config, options))),
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
    const paddingId = config.get('padding_idx')
    const layer = new Embedding(config.number('num_embeddings'), config.number('embedding_dim'), {
      ...options,
      ...(typeof paddingId === 'number' && { paddingId }),
    })
    return { parameters: [['weight', layer.weight]], call: (_, { inputs }) => layer.forward(ids(inputs, 'x0')) }
  },
  MultiheadAttention: (config, options) => {
    if (!config.flag('batch_first', false)) throw new Error(`${config.fixture.name}: expected batch_first`)
    const layer = new MultiHeadAttention(config.number('embed_dim'), config.number('num_heads'), {
      ...options,
      bias: config.flag('bias', true),
    })
    return {
      parameters: [
        ['in_proj_weight', layer.inProjectionWeight],
        ['in_proj_bias', layer.inProjectionBias],
        ['out_proj.weight', layer.outputProjection.weight],
        ['out_proj.bias', layer.outputProjection.bias],
      ],
      call: ([query, key, value]) => layer.forward(query, key, value).output,
    }
  },
}

function batchNorm(config: Config, { dtype }: { readonly dtype: FloatDType }) {
  if (!config.flag('training', true)) throw new Error(`${config.fixture.name}: only training cases are known`)
  return {
    dtype,
    epsilon: config.number('eps', 1e-5),
    momentum: config.number('momentum', 0.1),
    affine: config.flag('affine', true),
  }
}

export const runLayer: RunCase = (fixture, dtype) => {
  const { name, kind, inputs } = fixture
  if (!Object.hasOwn(makers, kind)) throw new Error(`${name}: nothing is known of ${kind}`)
  const config = new Config(fixture)
  const { parameters, call } = makers[kind](config, { rng: new Rng(0), dtype })
  config.done()
  const tensors = new Map<string, Tensor>(setParameters(fixture, parameters))
  // Inputs x0, x1, … in order; those of an embedding are ids, read by its own call.
  const given =
    kind === 'Embedding'
      ? []
      : Object.keys(inputs)
          .filter((key) => /^x\d+$/.test(key))
          .sort()
  const values = given.map((key) => floats(inputs, key, dtype))
  given.forEach((key, i) => tensors.set(key, values[i]))
  checkCase(fixture, dtype, { tensors, forward: () => [{ name: 'y', cotangent: 'gy', value: call(values, fixture) }] })
}
