// Normalisation as one recorded operation: statistics, division and affine map in three passes forward and two back.
// It keeps no running statistics and knows no layer.
import {
  add,
  allocate,
  divide,
  isTracked,
  mean,
  multiply,
  recordCustom,
  reshape,
  sqrt,
  square,
  subtract,
  sum,
  Tensor,
  type DataOf,
  type FloatDType,
} from '@ostinato/tensor'

/** What is normalised, and what it is scaled and shifted by afterwards. */
export interface NormaliseOptions {
  /** The input seen as three axes. The statistics of a channel are taken over `outer` and `inner`. */
  readonly layout: readonly [outer: number, channels: number, inner: number]
  readonly epsilon: number
  readonly weight: Tensor | null
  readonly bias: Tensor | null
  /** The axis of `layout` along which `weight` and `bias` lie. */
  readonly along: 'channels' | 'inner'
}

/** The normalised input, and of each channel the mean and the variance over n. */
export interface Normalised {
  readonly output: Tensor
  readonly mean: Float64Array
  readonly variance: Float64Array
}

/** `y = (x - mean) / sqrt(variance + epsilon) * weight + bias`, in the shape of `x`. */
export function normalise(x: Tensor, options: NormaliseOptions): Normalised {
  const { weight, bias, epsilon } = options
  const statistics = measure(x, options)
  const inverse = statistics.variance.map((variance) => 1 / Math.sqrt(variance + epsilon))
  const output = apply(x, options, { mean: statistics.mean, inverse })
  const inputs = [x, ...(weight ? [weight] : []), ...(bias ? [bias] : [])]
  recordCustom({
    name: 'normalise',
    inputs,
    outputs: [output],
    differentiable: true,
    derivative: ([gradient]) => {
      if (gradient === undefined) return []
      const found = isTracked([...inputs, gradient])
        ? differentiable(x, gradient, options)
        : backward(x, gradient, options, { mean: statistics.mean, inverse })
      return [found.input, ...(weight ? [found.weight] : []), ...(bias ? [found.bias] : [])]
    },
  })
  return { output, ...statistics }
}

/** As `normalise`, by statistics that were measured before; nothing is recorded. */
export function normaliseBy(
  { mean, variance }: { readonly mean: Floats; readonly variance: Floats },
  x: Tensor,
  options: NormaliseOptions,
): Tensor {
  return apply(x, options, { mean, inverse: Float64Array.from(variance, (v) => 1 / Math.sqrt(v + options.epsilon)) })
}

interface Statistics {
  readonly mean: Floats
  /** One over the standard deviation. */
  readonly inverse: Float64Array
}

interface Gradients {
  readonly input: Tensor
  readonly weight: Tensor | undefined
  readonly bias: Tensor | undefined
}

/** The mean first and then the squared distances from it: a variance as a difference of squares would cancel. */
function measure(x: Tensor, { layout: [outer, channels, inner] }: NormaliseOptions): Omit<Normalised, 'output'> {
  const { data } = x
  const average = new Float64Array(channels)
  const variance = new Float64Array(channels)
  const count = outer * inner
  for (let channel = 0; channel < channels; channel++) {
    let total = 0
    for (let n = 0; n < outer; n++) total += sumOf(data, (n * channels + channel) * inner, inner)
    const centre = total / count
    let squares = 0
    for (let n = 0; n < outer; n++) squares += squaresOf(data, (n * channels + channel) * inner, inner, centre)
    average[channel] = centre
    variance[channel] = squares / count
  }
  return { mean: average, variance }
}

// Sums in four parts: in one, each addition would wait for the one before.

function sumOf(data: Floats, start: number, count: number): number {
  let [a, b, c, d] = [0, 0, 0, 0]
  const end = start + count
  let i = start
  for (; i + 4 <= end; i += 4) {
    a += data[i]
    b += data[i + 1]
    c += data[i + 2]
    d += data[i + 3]
  }
  for (; i < end; i++) a += data[i]
  return a + b + (c + d)
}

function squaresOf(data: Floats, start: number, count: number, centre: number): number {
  let [a, b, c, d] = [0, 0, 0, 0]
  const end = start + count
  let i = start
  for (; i + 4 <= end; i += 4) {
    const [p, q, r, s] = [data[i] - centre, data[i + 1] - centre, data[i + 2] - centre, data[i + 3] - centre]
    a += p * p
    b += q * q
    c += r * r
    d += s * s
  }
  for (; i < end; i++) a += (data[i] - centre) * (data[i] - centre)
  return a + b + (c + d)
}

/** The sum of the products of one array with the distances of another from `centre`. */
function productsOf(dy: Floats, x: Floats, start: number, count: number, centre: number): number {
  let [a, b, c, d] = [0, 0, 0, 0]
  const end = start + count
  let i = start
  for (; i + 4 <= end; i += 4) {
    a += dy[i] * (x[i] - centre)
    b += dy[i + 1] * (x[i + 1] - centre)
    c += dy[i + 2] * (x[i + 2] - centre)
    d += dy[i + 3] * (x[i + 3] - centre)
  }
  for (; i < end; i++) a += dy[i] * (x[i] - centre)
  return a + b + (c + d)
}

function apply(x: Tensor, options: NormaliseOptions, { mean: centres, inverse }: Statistics): Tensor {
  const { layout: [outer, channels, inner], weight, bias, along } = options
  const y = allocate(x.dtype, x.size)
  const { data } = x
  const [scale, shift] = [weight?.data, bias?.data]
  for (let n = 0; n < outer; n++) {
    for (let channel = 0; channel < channels; channel++) {
      const [centre, factor] = [centres[channel], inverse[channel]]
      const start = (n * channels + channel) * inner
      if (along === 'channels') {
        const slope = factor * (scale?.[channel] ?? 1)
        const moved = shift?.[channel] ?? 0
        for (let i = start; i < start + inner; i++) y[i] = (data[i] - centre) * slope + moved
      } else if (scale === undefined) {
        for (let i = start; i < start + inner; i++) y[i] = (data[i] - centre) * factor
      } else {
        for (let i = 0; i < inner; i++) y[start + i] = (data[start + i] - centre) * factor * scale[i]
      }
      if (along === 'inner' && shift !== undefined) for (let i = 0; i < inner; i++) y[start + i] += shift[i]
    }
  }
  return new Tensor(y, x.shape, x.dtype)
}

/**
 * With `u = weight dy` and the normalised input `n`: `dx = (u - mean(u) - n mean(u n)) / deviation`, `dweight = sum(dy
 * n)`, `dbias = sum(dy)`.
 */
function backward(x: Tensor, gradient: Tensor, options: NormaliseOptions, statistics: Statistics): Gradients {
  const { layout: [outer, channels, inner], weight, bias, along } = options
  const input = new Tensor(allocate(x.dtype, x.size), x.shape, x.dtype)
  const size = along === 'channels' ? channels : inner
  const scale = weight === null ? new Float64Array(size).fill(1) : Float64Array.from(weight.data)
  const sums = { scale, ofProduct: new Float64Array(size), ofGradient: new Float64Array(size) }
  const pass = along === 'channels' ? backwardPlanes : backwardRow
  for (let channel = 0; channel < channels; channel++) {
    const [centre, factor] = [statistics.mean[channel], statistics.inverse[channel]]
    const place = { outer, inner, channel, channels, centre, factor }
    pass(place, { x: x.data, dy: gradient.data, dx: input.data }, sums)
  }
  const wrap = (values: Float64Array, like: Tensor | null) => {
    if (like === null) return undefined
    const copy = allocate(like.dtype, values.length)
    copy.set(values)
    return new Tensor(copy, like.shape, like.dtype)
  }
  return { input, weight: wrap(sums.ofProduct, weight), bias: wrap(sums.ofGradient, bias) }
}

/** Where a channel lies and its statistics. */
interface Place {
  readonly outer: number
  readonly inner: number
  readonly channel: number
  readonly channels: number
  readonly centre: number
  readonly factor: number
}

type Floats = DataOf<FloatDType>
type Arrays = Readonly<Record<'x' | 'dy' | 'dx', Floats>>

/** The weight, and the gradients of weight and bias, which are added up. */
type Sums = Readonly<Record<'scale' | 'ofProduct' | 'ofGradient', Float64Array>>

/** One channel with one weight: its planes in all examples. */
function backwardPlanes(
  { outer, inner, channel, channels, centre, factor }: Place,
  { x, dy, dx }: Arrays,
  { scale, ofProduct, ofGradient }: Sums,
): void {
  let total = 0
  let product = 0
  for (let n = 0; n < outer; n++) {
    const start = (n * channels + channel) * inner
    total += sumOf(dy, start, inner)
    product += productsOf(dy, x, start, inner, centre)
  }
  product *= factor
  ofGradient[channel] = total
  ofProduct[channel] = product
  const slope = factor * scale[channel]
  const shift = total / (outer * inner)
  const share = (product * factor) / (outer * inner)
  for (let n = 0; n < outer; n++) {
    const start = (n * channels + channel) * inner
    for (let i = start; i < start + inner; i++) dx[i] = (dy[i] - shift - (x[i] - centre) * share) * slope
  }
}

/** One example with a weight for each of its features; `outer` is 1. */
function backwardRow(
  { inner, channel, centre, factor }: Place,
  { x, dy, dx }: Arrays,
  { scale, ofProduct, ofGradient }: Sums,
): void {
  const start = channel * inner
  let total = 0
  let product = 0
  for (let i = 0; i < inner; i++) {
    const slope = dy[start + i]
    const normal = (x[start + i] - centre) * factor
    total += slope * scale[i]
    product += slope * scale[i] * normal
    ofProduct[i] += slope * normal
    ofGradient[i] += slope
  }
  total /= inner
  product /= inner
  for (let i = 0; i < inner; i++) {
    dx[start + i] = (dy[start + i] * scale[i] - total - (x[start + i] - centre) * factor * product) * factor
  }
}

/** The same from recorded operations, for gradients of gradients. */
function differentiable(x: Tensor, gradient: Tensor, options: NormaliseOptions): Gradients {
  const { layout, epsilon, weight, bias, along } = options
  const over = { axis: [0, 2], keepAxes: true }
  const [values, dy] = [reshape(x, layout), reshape(gradient, layout)]
  const centred = subtract(values, mean(values, over))
  const deviation = sqrt(add(mean(square(centred), over), epsilon))
  const normal = divide(centred, deviation)
  const column = along === 'channels' ? [layout[1], 1] : [layout[2]]
  const scaled = weight === null ? dy : multiply(dy, reshape(weight, column))
  const rest = subtract(subtract(scaled, mean(scaled, over)), multiply(normal, mean(multiply(scaled, normal), over)))
  const gather = (of: Tensor, like: Tensor | null) =>
    like === null ? undefined : reshape(sum(of, { axis: along === 'channels' ? [0, 2] : [0, 1] }), like.shape)
  return {
    input: reshape(divide(rest, deviation), x.shape),
    weight: gather(multiply(dy, normal), weight),
    bias: gather(dy, bias),
  }
}
