// The runner itself: made-up cases that must fail, and PyTorch's other forms against plain loops or known cases.
import { Rng, sum, tensor, type Tensor } from '@ostinato/tensor'
import type { Fixture, FixtureTensor, FixtureValue } from '@ostinato/test-utils'
import { Bidirectional, gru, Rnn } from '@ostinato/rnn'
import { describe, expect, it } from 'vitest'
import { runCase } from '../src/run-case.ts'

const rng = new Rng(7)

const given = (data: readonly number[], shape: readonly number[] = [data.length]): FixtureTensor => ({
  shape,
  dtype: 'float64',
  data,
})
const written = (x: Tensor) => given([...x.data], x.shape)
const random = (...shape: number[]) => written(rng.normal(shape, { dtype: 'float64' }))
const made = (parts: Partial<Fixture>): Fixture => ({
  name: 'made',
  kind: 'Linear',
  config: {},
  inputs: {},
  params: {},
  expected: {},
  grads: {},
  ...parts,
})

/** The axes 0 and 1 of `[a, b, c]`, swapped by plain loops. */
function swapped({ data, shape: [a, b, c] }: FixtureTensor): FixtureTensor {
  const out = new Array<number>(data.length)
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) out[(j * a + i) * c + k] = data[(i * b + j) * c + k]
  return given(out, [b, a, c])
}

const linear = made({
  config: { in_features: 2, out_features: 1 },
  inputs: { x0: given([1, 2, 3, 4], [2, 2]), gy: given([1, 1], [2, 1]) },
  params: { weight: given([0.5, -1], [1, 2]), bias: given([0.25]) },
  expected: { y: given([-1.25, -2.25], [2, 1]) },
  grads: { weight: given([4, 6], [1, 2]), bias: given([2]) },
})

describe('a case that must not pass', () => {
  it('passes as it is', () => {
    runCase(linear)
    runCase({ ...linear, config: { ...linear.config, padding_mode: 'zeros', dtype: null } })
  })

  it.each<[string, Partial<Fixture>, RegExp]>([
    ['a wrong value', { expected: { y: given([-1.25, -2.2501], [2, 1]) } }, /expectClose/],
    ['a wrong gradient', { grads: { bias: given([2.001]) } }, /expectClose/],
    ['an unread option', { config: { ...linear.config, dropout: 0.5 } }, /dropout/],
    ['an unread input', { inputs: { ...linear.inputs, mask: given([1]) } }, /nobody read inputs\.mask/],
    ['an output nobody computed', { expected: { ...linear.expected, z: given([1]) } }, /expected\.z/],
    ['an unknown kind', { kind: 'Bilinear' }, /nothing is known of Bilinear/],
    ['gradients without a cotangent', { inputs: { x0: given([1, 2, 3, 4], [2, 2]) } }, /without a cotangent/],
  ])('%s', (_, change, message) => {
    expect(() => {
      runCase({ ...linear, ...change })
    }).toThrow(message)
  })

  it('an unknown function, optimizer option and clipping option', () => {
    const y = { y: given([1]) }
    const cases = [
      made({ kind: 'function', name: 'relu6', inputs: { x0: given([1]) }, expected: y }),
      made({ kind: 'SGD', config: { lr: 0.1, maximize: true }, inputs: { p0: given([1]) }, expected: { path: [[1]] } }),
      made({ kind: 'clip_grad_norm', config: { max_norm: 1, other: 2 }, inputs: { g0: given([1]) } }),
    ]
    for (const fixture of cases)
      expect(() => {
        runCase(fixture)
      }).toThrow(/no function|maximize|other/)
  })
})

describe('cross-entropy of [batch, classes, d1]', () => {
  const [batch, classes, length] = [2, 3, 4]
  const x = random(batch, classes, length)
  const targets = [0, 2, 1, 1, 2, 2, 0, 1]
  const losses = targets.map((target, row) => {
    const [n, d] = [Math.floor(row / length), row % length]
    const scores = Array.from({ length: classes }, (_, c) => x.data[(n * classes + c) * length + d])
    return Math.log(scores.reduce((total, score) => total + Math.exp(score), 0)) - scores[target]
  })
  const total = losses.reduce((a, b) => a + b, 0)

  it.each<[string, FixtureTensor]>([
    ['none', given(losses, [batch, length])],
    ['sum', given([total], [])],
    ['mean', given([total / losses.length], [])],
  ])('%s', (reduction, y) => {
    const inputs = { input: x, target: given(targets, [batch, length]) }
    runCase(made({ name: 'cross_entropy_made', kind: 'function', config: { reduction }, inputs, expected: { y } }))
  })
})

describe('batch norm', () => {
  const x = random(4, 2)
  const [mean, variance] = [
    [0.5, -1],
    [2, 0.25],
  ]
  const column = (c: number) => [0, 1, 2, 3].map((row) => x.data[row * 2 + c])
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const spread = (values: readonly number[]) => average(values.map((value) => (value - average(values)) ** 2))
  const config = { num_features: 2, eps: 1e-3, affine: false }
  const normalised = (means: readonly number[], variances: readonly number[]) =>
    given(
      x.data.map((value, i) => (value - means[i % 2]) / Math.sqrt(variances[i % 2] + 1e-3)),
      [4, 2],
    )
  const running = { running_mean: given(mean), running_var: given(variance) }
  const ofBatch = normalised([0, 1].map(column).map(average), [0, 1].map(column).map(spread))

  it('outside training takes the running statistics, and leaves them', () => {
    const expected = { y: normalised(mean, variance), ...running }
    const evaluated = { kind: 'BatchNorm1d', config: { ...config, training: false }, expected }
    runCase(made({ ...evaluated, inputs: { x0: x }, params: running }))
    runCase(made({ ...evaluated, inputs: { x0: x, ...running } }))
  })

  it('in training moves them', () => {
    const after = {
      running_mean: given([0, 1].map((c) => 0.8 * mean[c] + 0.2 * average(column(c)))),
      running_var: given([0, 1].map((c) => 0.8 * variance[c] + (0.2 * spread(column(c)) * 4) / 3)),
    }
    const options = { ...config, momentum: 0.2, training: true }
    const fixture = made({ kind: 'BatchNorm1d', config: options, inputs: { x0: x }, params: running })
    runCase({ ...fixture, expected: { y: ofBatch, ...after } })
    expect(() => {
      runCase({ ...fixture, expected: { y: ofBatch, ...running } })
    }).toThrow('expectClose')
  })

  it('without running statistics takes those of the batch', () => {
    const options = { ...config, training: false, track_running_stats: false }
    runCase(made({ kind: 'BatchNorm1d', config: options, inputs: { x0: x }, expected: { y: ofBatch } }))
  })
})

describe('recurrent layouts', () => {
  const network = gru(3, 2, { rng, dtype: 'float64', layers: 1, bidirectional: true })
  const [layer] = network.layers
  const directions = layer instanceof Bidirectional ? [layer.forwardLayer, layer.backwardLayer] : []
  const params = Object.fromEntries(
    directions.flatMap((direction, d) => {
      if (!(direction instanceof Rnn)) return []
      const { weightIh, weightHh, biasIh, biasHh } = direction.cell as unknown as Record<string, Tensor>
      const named = { weight_ih: weightIh, weight_hh: weightHh, bias_ih: biasIh, bias_hh: biasHh }
      return Object.entries(named).map(([name, value]) => [`${name}_l0${d ? '_reverse' : ''}`, written(value)])
    }),
  )
  const config = { input_size: 3, hidden_size: 2, bidirectional: true }
  const x = random(2, 4, 3)
  const read = ({ data, shape }: FixtureTensor) => tensor(data, { shape, dtype: 'float64' })
  const run = (from: FixtureTensor) => {
    const { output, state } = network.forward(read(from))
    const pairs = state as unknown as readonly Record<'forward' | 'backward', { readonly hidden: Tensor }>[]
    const hidden = pairs.flatMap(({ forward, backward }) => [forward.hidden, backward.hidden])
    const data = hidden.flatMap((each) => [...each.data])
    return { y: written(output), hn: given(data, [2, from.shape[0], 2]) }
  }
  const check = (inputs: Record<string, FixtureValue>, expected: Fixture['expected'], options: object) => {
    runCase(made({ kind: 'GRU', config: { ...config, ...options }, inputs, params, expected }))
  }
  const { y, hn } = run(x)

  it('time first, which is the default', () => {
    check({ x: swapped(x) }, { y: swapped(y), hn }, {})
    expect(() => {
      check({ x }, { y, hn }, {})
    }).toThrow('expectClose')
  })

  it('one sequence without a batch', () => {
    const one = run(given(x.data.slice(0, 12), [1, 4, 3]))
    const expected = { y: given(one.y.data, [4, 4]), hn: given(one.hn.data, [2, 2]) }
    check({ x: given(x.data.slice(0, 12), [4, 3]), h0: given([0, 0, 0, 0], [2, 2]) }, expected, {})
  })

  it('an output without a cotangent is no part of the sum', () => {
    const inputs = { x, gy: given(y.data.map(() => 1), y.shape) }
    const zero = { ghn: given([0, 0, 0, 0, 0, 0, 0, 0], hn.shape) }
    const grads = { x: differences((from) => sum(read(run(from).y)).item(), x) }
    const fixture = made({ kind: 'GRU', config: { ...config, batch_first: true }, params, expected: { y, hn }, grads })
    runCase({ ...fixture, inputs })
    runCase({ ...fixture, inputs: { ...inputs, ...zero } })
    const only = { x, ghn: given(hn.data.map(() => 1), hn.shape) }
    expect(() => {
      runCase({ ...fixture, inputs: only })
    }).toThrow('expectClose')
  })
})

/** The gradient by differences of four places, right to about 1e-11. */
function differences(f: (x: FixtureTensor) => number, { data, shape }: FixtureTensor): FixtureTensor {
  const h = 1e-3
  const moved = (i: number, by: number) => f(given(data.map((value, j) => (i === j ? value + by : value)), shape))
  const slope = (i: number, by: number) => (moved(i, by) - moved(i, -by)) / (2 * by)
  // Richardson twice: the errors of h² and h⁴ fall out.
  const first = (i: number, by: number) => (4 * slope(i, by / 2) - slope(i, by)) / 3
  return given(data.map((_, i) => (16 * first(i, 8 * h) - first(i, 16 * h)) / 15), shape)
}

describe('attention', () => {
  // One head, projections that change nothing: softmax(x xᵀ / sqrt(2)) x by plain loops.
  const x = [1, 0, 0.5, -1, 2, 0.25]
  const unit = [1, 0, 0, 1]
  const padded = [0, 0, 1]
  const rows = [0, 1, 2].map((q) => {
    const weights = [0, 1, 2].map((k) =>
      padded[k] ? 0 : Math.exp((x[2 * q] * x[2 * k] + x[2 * q + 1] * x[2 * k + 1]) / Math.SQRT2),
    )
    const total = weights.reduce((a, b) => a + b, 0)
    return weights.map((weight) => weight / total)
  })
  const mixed = (weights: readonly number[], f: number) =>
    weights.reduce((all, weight, k) => all + weight * x[2 * k + f], 0)
  const y = rows.flatMap((weights) => [mixed(weights, 0), mixed(weights, 1)])
  const fixture = made({
    kind: 'MultiheadAttention',
    config: { embed_dim: 2, num_heads: 1, bias: false, batch_first: true, dropout: 0 },
    inputs: { x0: given(x, [1, 3, 2]), key_padding_mask: given(padded, [1, 3]) },
    params: { in_proj_weight: given([...unit, ...unit, ...unit], [6, 2]), 'out_proj.weight': given(unit, [2, 2]) },
    expected: { y: given(y, [1, 3, 2]), attn_weights: given(rows.flat(), [1, 3, 3]) },
  })

  it('masks out what PyTorch says, and averages the weights', () => {
    runCase(fixture)
    const attn_mask = given([...padded, ...padded, ...padded], [3, 3])
    runCase({ ...fixture, inputs: { x0: given(x, [1, 3, 2]), attn_mask } })
    expect(() => {
      runCase({ ...fixture, inputs: { x0: given(x, [1, 3, 2]) } })
    }).toThrow('expectClose')
  })
})

describe('others', () => {
  it('clips by the largest magnitude', () => {
    const expected = { norm: 4, g0: given([1 / (4 + 1e-6), -4 / (4 + 1e-6)]), g1: given([2 / (4 + 1e-6)]) }
    const inputs = { g0: given([1, -4]), g1: given([2]) }
    runCase(made({ kind: 'clip_grad_norm', config: { max_norm: 1, norm_type: 'inf' }, inputs, expected }))
  })

  it('takes CTC of one sequence: one label in two steps', () => {
    const x = [0.3, -0.2, 1, 0.4]
    const p = [0, 1].map((t) => {
      const [a, b] = [Math.exp(x[2 * t]), Math.exp(x[2 * t + 1])]
      return [a / (a + b), b / (a + b)]
    })
    const y = given([-Math.log(p[0][1] * p[1][0] + p[0][0] * p[1][1] + p[0][1] * p[1][1])], [])
    const inputs = { x0: given(x, [2, 2]), target: given([1]), input_lengths: given([2], []), target_lengths: 1 }
    runCase(made({ name: 'ctc_loss_one', kind: 'function', inputs, expected: { y } }))
  })

  it('takes a padding id from the end, a null stride and a list of one lowest rate', () => {
    const weight = given([1, 2, 3], [3, 1])
    const inputs = { x0: given([2, 0]), gy: given([1, 1], [2, 1]) }
    const config = { num_embeddings: 3, embedding_dim: 1, padding_idx: -1 }
    const [expected, grads] = [{ y: given([3, 1], [2, 1]) }, { weight: given([1, 0, 0], [3, 1]) }]
    runCase(made({ kind: 'Embedding', config, inputs, params: { weight }, expected, grads }))
    const pooled = { inputs: { x0: given([1, 5, 2, 3], [1, 1, 4]) }, expected: { y: given([5, 3], [1, 1, 2]) } }
    runCase(made({ kind: 'MaxPool1d', config: { kernel_size: 2, stride: null, padding: 0 }, ...pooled }))
    const plateau = { base_lr: 1, factor: 0.1, patience: 0, min_lr: [0.5], verbose: false }
    const [metric, lr] = [
      [1, 1, 1],
      [1, 1, 0.5],
    ]
    runCase(made({ kind: 'ReduceLROnPlateau', config: plateau, inputs: { metric }, expected: { lr } }))
  })
})
