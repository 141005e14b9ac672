// PyTorch's attention in ours: its layouts, its masks, whose true means masked out, and its averaged weights.
import { MultiHeadAttention } from '@ostinato/nn'
import { mean, reshape, tensor, transpose, type Tensor } from '@ostinato/tensor'
import { tensorOf, type Fixture } from '@ostinato/test-utils'
import type { Output } from './case.ts'
import type { Make } from './made.ts'

/** The sizes of a call: `[batch, heads, queryTime, keyTime]`. */
type Sizes = readonly [number, number, number, number]

/** Which places a mask of a case masks out, in its own order; undefined where there is none. */
function maskedOut(
  { name, inputs }: Fixture,
  key: string,
): { readonly masked: readonly boolean[]; readonly shape: readonly number[] } | undefined {
  if (!(key in inputs)) return undefined
  const { data, shape } = tensorOf(inputs, key)
  const masked = (data as readonly (number | boolean)[]).map((value) => {
    const number = Number(value)
    if (number !== 0 && number !== 1) throw new Error(`${name}: expected 0 or 1 in ${key}, got ${String(value)}`)
    return number === 1
  })
  return { masked, shape }
}

/** The places that may be attended to, `[batch, heads, queryTime, keyTime]`. */
function maskOf(fixture: Fixture, [batch, heads, queries, keys]: Sizes): Tensor<'bool'> | undefined {
  const padding = maskedOut(fixture, 'key_padding_mask')
  const places = maskedOut(fixture, 'attn_mask')
  if (padding === undefined && places === undefined) return undefined
  const each = places?.shape.length === 3
  if (padding && padding.masked.length !== batch * keys) throw new Error(`${fixture.name}: key_padding_mask does not fit`)
  if (places && places.masked.length !== queries * keys * (each ? batch * heads : 1))
    throw new Error(`${fixture.name}: attn_mask does not fit`)
  const allowed = Array.from({ length: batch * heads * queries * keys }, (_, i) => {
    const [place, row] = [i % (queries * keys), Math.floor(i / (heads * queries * keys))]
    return !padding?.masked[row * keys + (i % keys)] && !places?.masked[each ? i : place]
  })
  return tensor(allowed, { shape: [batch, heads, queries, keys], dtype: 'bool' })
}

/** PyTorch's names of the weights, and of their cotangents. */
const weightNames = ['weights', 'attn_weights']

export const attention: Make = (config, options) => {
  const heads = config.number('num_heads')
  const batchFirst = config.flag('batch_first', false)
  const averaged = config.flag('average_attn_weights', true)
  config.flag('need_weights', true)
  const layer = new MultiHeadAttention(config.number('embed_dim'), heads, {
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
    call: (inputs, fixture) => {
      const single = inputs[0].rank === 2
      const turn = (x: Tensor) => (batchFirst ? x : transpose(x, [1, 0, 2]))
      const [query, key = query, value = key] = inputs.map((x) => (single ? reshape(x, [1, ...x.shape]) : turn(x)))
      const mask = maskOf(fixture, [query.shape[0], heads, query.shape[1], key.shape[1]])
      const { output, weights } = layer.forward(query, key, value, mask && { mask })
      const leave = (x: Tensor) => (single ? reshape(x, x.shape.slice(1)) : x)
      const shown = leave(averaged ? mean(weights, { axis: 1 }) : weights)
      const y: Output = { name: 'y', cotangent: 'gy', value: single ? leave(output) : turn(output) }
      const named = weightNames.filter((name) => name in fixture.expected)
      return [y, ...named.map((name) => ({ name, cotangent: `g${name}`, value: shown }))]
    },
  }
}
