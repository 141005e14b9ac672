// Cases of feed-forward layers: PyTorch's class, its arguments and parameters in ours.
import {
  BatchNorm2d, Embedding, LayerNorm, Linear, MultiHeadAttention, type Module, type Parameter,
} from '@ostinato/nn'
import * as nn from '@ostinato/nn'
import { averagePool1d, averagePool2d, maxPool1d, maxPool2d, Rng, type FloatDType, type Tensor } from '@ostinato/tensor'
import type { Fixture } from '@ostinato/test-utils'
import { checkCase, Config, floats, ids, setParameters, type RunCase } from './case.ts'

/** A layer made ready: its parameters under PyTorch's names, and how it is called. */
interface Made {
  readonly parameters?: readonly (readonly [string, Parameter | null])[]
  readonly call: (inputs: readonly Tensor[]) => Tensor
}

type Make = (config: Config, options: { readonly rng: Rng; readonly dtype: FloatDType }, fixture: Fixture) => Made

const weightAndBias = (layer: { readonly weight: Parameter; readonly bias: Parameter | null }) =>
  [['weight', layer.weight], ['bias', layer.bias]] as const

type Sizes = number | readonly number[]

const convolutionOptions = (config: Config) => ({
  stride: config.sizes('stride', 1) as number,
  padding: config.sizes('padding', 0) as number,
  dilation: config.sizes('dilation', 1) as number,
  groups: config.number('groups', 1),
  bias: config.flag('bias', true),
})

const layers: Readonly<Record<string, Make>> = {
  Linear: (config, options) => {
    const layer = new Linear(config.number('in_features'), config.number('out_features'), { ...options, bias: config.flag('bias', true) })
    return { parameters: weightAndBias(layer), call: ([x]) => layer.forward(x) }
  },
  LayerNorm: (config, options) => {
    const layer = new LayerNorm(config.sizes('normalized_shape') as number, { dtype: options.dtype, epsilon: config.number('eps', 1e-5) })
    return { parameters: weightAndBias(layer), call: ([x]) => layer.forward(x) }
  },
  BatchNorm2d: (config, { dtype }) => {
    const layer = new BatchNorm2d(config.number('num_features'), { dtype, epsilon: config.number('eps', 1e-5), momentum: config.number('momentum', 0.1) })
    if (!config.flag('training', true)) throw new Error(`${config.fixture.name}: only training cases are known`)
    return { parameters: weightAndBias(layer), call: ([x]) => layer.forward(x) }
  },
  Conv1d: (config, options) => {
    const layer = new nn.Conv1d(config.number('in_channels'), config.number('out_channels'), { ...options, size: config.sizes('kernel_size') as number, ...convolutionOptions(config) })
    return { parameters: weightAndBias(layer), call: ([x]) => layer.forward(x) }
  },
}

void layers
export const runLayer: RunCase = () => {
  throw new Error('placeholder while convolution layers are being written')
}
export type Pending = [Module, Sizes, typeof averagePool1d, typeof averagePool2d, typeof maxPool1d, typeof maxPool2d, typeof Embedding, typeof MultiHeadAttention, typeof floats, typeof ids, typeof setParameters, typeof checkCase]
