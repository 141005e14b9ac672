// The one source of randomness: seeded, splittable, saved and restored as JSON. Nothing global, nothing hidden. It is
// no generator for secrets.
import { allocate, type FloatDType } from './dtype.ts'
import { checkShape, sizeOf, type Shape } from './shape.ts'
import { Tensor } from './tensor.ts'

const brand = Symbol.for('@ostinato/tensor/rng')

/** Where an `Rng` stands in its stream, as plain JSON. */
export interface RngState {
  readonly algorithm: 'xoshiro128**'
  /** Four unsigned 32-bit integers, not all 0. */
  readonly words: readonly [number, number, number, number]
}

/** The bounds of `Rng.uniform`. */
export interface UniformOptions<D extends FloatDType> {
  /** The lowest value. Default 0. */
  readonly low?: number
  /** What every value is below. Default 1. */
  readonly high?: number
  readonly dtype?: D
}

/** The distribution of `Rng.normal`. */
export interface NormalOptions<D extends FloatDType> {
  /** Default 0. */
  readonly mean?: number
  /** The standard deviation. Default 1. */
  readonly deviation?: number
  readonly dtype?: D
}

/**
 * A seeded generator of random numbers: xoshiro128** (Blackman and Vigna 2021, "Scrambled linear pseudorandom number
 * generators", ACM TOMS 47), its state filled from the seed by SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable
 * pseudorandom number generators", §3). It is built from integer arithmetic and correctly rounded operations alone, so
 * one seed gives the same bits in every engine, normal deviates included.
 *
 * Give each part of a program a stream of its own with `split()`: then a draw more in one changes nothing in another.
 *
 * @example
 * ```ts
 * import { Rng } from '@ostinato/tensor'
 * const rng = new Rng(7)
 * const weights = rng.split().normal([3, 4], { deviation: 0.1 })
 * const die = rng.integer(1, 7)
 * console.assert(weights.size === 12 && die >= 1 && die <= 6)
 * ```
 */
export class Rng {
  // Not initialised here: a field with a computed name keeps the class in bundles that do not use it.
  declare readonly [brand]: true
  readonly #words: Int32Array

  /**
   * @param seed any integer: 0, negative and large ones too; taken modulo 2^64
   * @throws RangeError when it is no integer
   */
  constructor(seed: number) {
    if (!Number.isInteger(seed)) throw new RangeError(`Rng: expected a seed that is an integer, got ${seed}`)
    this[brand] = true
    this.#words = expandSeed(BigInt.asUintN(64, BigInt(seed)))
  }

  /** The generator that stands where `state` says. @throws RangeError when it is not the state of an `Rng` */
  static fromState(state: RngState): Rng {
    const rng = new Rng(0)
    rng.restore(state)
    return rng
  }

  /**
   * Moves this generator to where `state` says, for all who hold it. @throws RangeError when it is not the state of an
   * `Rng`
   */
  restore(state: RngState): void {
    const words: readonly number[] = Array.isArray(state?.words) ? state.words : []
    const valid = words.length === 4 && words.every((w) => w >>> 0 === w) && words.some((w) => w !== 0)
    if (!valid || state.algorithm !== 'xoshiro128**') {
      throw new RangeError(
        `Rng.restore: expected { algorithm: 'xoshiro128**', words: four unsigned 32-bit integers, not all 0 }, got ${JSON.stringify(state)}`,
      )
    }
    this.#words.set(words)
  }

  /** Where the generator stands: `Rng.fromState(rng.state())` goes on exactly as `rng` does. */
  state(): RngState {
    const [a, b, c, d] = this.#words
    return { algorithm: 'xoshiro128**', words: [a >>> 0, b >>> 0, c >>> 0, d >>> 0] }
  }

  /**
   * A generator with a stream of its own, seeded with 64 bits drawn from this one (which moves on, so that the next
   * call gives another).
   */
  split(): Rng {
    const rng = new Rng(0)
    rng.#words.set(expandSeed((BigInt(this.#draw() >>> 0) << 32n) | BigInt(this.#draw() >>> 0)))
    return rng
  }

  /** The next 32 bits, as a signed integer. */
  #draw(): number {
    const s = this.#words
    const s1 = s[1]
    const product = Math.imul(s1, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    s[2] ^= s[0]
    s[3] ^= s1
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= s1 << 9
    s[3] = (s[3] << 11) | (s[3] >>> 21)
    return result
  }

  /** A number from 0 up to but without 1, with 53 random bits. */
  next(): number {
    const high = this.#draw() >>> 5
    return (high * 2 ** 26 + (this.#draw() >>> 6)) * 2 ** -53
  }

  /**
   * An integer from `low` up to but without `high`, each equally likely.
   * @throws RangeError unless both are safe integers, `low < high`, less than 2^53 apart
   */
  integer(low: number, high: number): number {
    const count = high - low
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || count <= 0 || !Number.isSafeInteger(count)) {
      throw new RangeError(`Rng.integer: expected integers low < high, less than 2^53 apart, got ${low} and ${high}`)
    }
    // Draws below what is left over when the range is taken as often as it fits are thrown away: they would favour
    // some.
    if (count <= 2 ** 32) {
      const rest = 2 ** 32 % count
      let draw = this.#draw() >>> 0
      while (draw < rest) draw = this.#draw() >>> 0
      return low + (draw % count)
    }
    const rest = 2 ** 53 % count
    let draw = this.next() * 2 ** 53
    while (draw < rest) draw = this.next() * 2 ** 53
    return low + (draw % count)
  }

  /**
   * Values spread evenly from `low` up to but without `high`, shape `shape`.
   * @throws RangeError unless both bounds are finite and `low <= high`; equal bounds give that value
   */
  uniform<D extends FloatDType = 'float32'>(shape: Shape, options: UniformOptions<D> = {}): Tensor<NoInfer<D>> {
    const { low = 0, high = 1, dtype = 'float32' as D } = options
    if (!Number.isFinite(high - low) || low > high) {
      throw new RangeError(`Rng.uniform: expected finite bounds, low <= high, got low ${low} and high ${high}`)
    }
    checkShape('Rng.uniform', shape)
    const data = allocate(dtype, sizeOf(shape))
    const bounds = allocate(dtype, 2)
    bounds.set([low, high])
    const [first, limit] = bounds
    for (let i = 0; i < data.length; i++) {
      // Rounding can lift a value up to the bound which it must stay below: such a draw is thrown away.
      do data[i] = first + (limit - first) * this.next()
      while (data[i] >= limit && first < limit)
    }
    return new Tensor(data, shape, dtype)
  }

  /**
   * Normally distributed values, by the polar method: for u, v uniform in the unit disc and s = u² + v², both
   * `u sqrt(-2 ln s / s)` and its like for v are standard normal (Marsaglia and Bray 1964, "A convenient method for
   * generating normal variables"). float32 values are the float64 ones, rounded.
   *
   * @throws RangeError unless `mean` is finite and `deviation` is finite and 0 or more
   */
  normal<D extends FloatDType = 'float32'>(shape: Shape, options: NormalOptions<D> = {}): Tensor<NoInfer<D>> {
    const { mean = 0, deviation = 1, dtype = 'float32' as D } = options
    if (!Number.isFinite(mean) || !Number.isFinite(deviation) || deviation < 0) {
      throw new RangeError(`Rng.normal: expected a finite mean and a deviation of 0 or more, got mean ${mean} and deviation ${deviation}`)
    }
    checkShape('Rng.normal', shape)
    const data = allocate(dtype, sizeOf(shape))
    for (let i = 0; i < data.length; i += 2) {
      let u: number
      let v: number
      let s: number
      do {
        u = 2 * this.next() - 1
        v = 2 * this.next() - 1
        s = u * u + v * v
      } while (s >= 1 || s === 0)
      const scale = deviation * Math.sqrt((-2 * logOf(s)) / s)
      data[i] = mean + u * scale
      if (i + 1 < data.length) data[i + 1] = mean + v * scale
    }
    return new Tensor(data, shape, dtype)
  }

  /**
   * Booleans that are true with the given probability.
   * @throws RangeError unless it lies between 0 and 1
   */
  bernoulli(shape: Shape, probability: number): Tensor<'bool'> {
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(`Rng.bernoulli: expected a probability from 0 to 1, got ${probability}`)
    }
    checkShape('Rng.bernoulli', shape)
    const data = allocate('bool', sizeOf(shape))
    const scaled = probability * 2 ** 32
    const whole = Math.floor(scaled)
    for (let i = 0; i < data.length; i++) {
      const draw = this.#draw() >>> 0
      // The first 32 bits decide, unless they equal the probability's: then the rest of its bits do.
      data[i] = draw < whole || (draw === whole && this.next() < scaled - whole) ? 1 : 0
    }
    return new Tensor(data, shape, 'bool')
  }

  /** The integers from 0 up to but without `count` in random order, every order equally likely. */
  permutation(count: number): Int32Array {
    if (!Number.isInteger(count) || count < 0 || count >= 2 ** 31) {
      throw new RangeError(`Rng.permutation: expected a count from 0 to 2^31 - 1, got ${count}`)
    }
    return this.shuffle(Int32Array.from({ length: count }, (_, i) => i))
  }

  /** Puts `items` into random order, in place, and returns them (Durstenfeld 1964, Algorithm 235). */
  shuffle<A extends { readonly length: number; [index: number]: unknown }>(items: A): A {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(0, i + 1)
      const item = items[i]
      items[i] = items[j]
      items[j] = item
    }
    return items
  }

  /**
   * An index drawn in proportion to `weights` (probabilities, or anything proportional to them).
   * @throws RangeError unless all are finite and 0 or more, and one is above 0
   */
  categorical(weights: ArrayLike<number>): number {
    let total = 0
    let last = -1
    for (let i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0)) throw new RangeError(`Rng.categorical: expected weights of 0 or more, got ${weights[i]} at ${i}`)
      if (weights[i] > 0) last = i
      total += weights[i]
    }
    if (!(total > 0 && total < Infinity)) {
      throw new RangeError(`Rng.categorical: expected weights with a finite sum above 0, got ${total} over ${weights.length} weights`)
    }
    let place = this.next() * total
    for (let i = 0; i < last; i++) {
      place -= weights[i]
      if (place < 0) return i
    }
    return last
  }
}

/** Whether `value` is a random generator, also one from another copy of this package. */
export function isRng(value: unknown): value is Rng {
  return typeof value === 'object' && value !== null && brand in value
}

/**
 * 128 bits of state from a seed of 64: two steps of SplitMix64, whose steps are one to one, so no two seeds share a
 * state.
 */
function expandSeed(seed: bigint): Int32Array {
  const words = new Int32Array(4)
  for (let i = 0; i < 2; i++) {
    let z = BigInt.asUintN(64, seed + BigInt(i + 1) * 0x9e3779b97f4a7c15n)
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
    z ^= z >> 31n
    words[2 * i] = Number(BigInt.asIntN(32, z))
    words[2 * i + 1] = Number(BigInt.asIntN(32, z >> 32n))
  }
  return words
}

const LN2 = 0.6931471805599453
const SQRT1_2 = 0.7071067811865476
/** 1/21, 1/19, …, 1: the series of atanh. */
const ATANH = /* @__PURE__ */ Array.from({ length: 11 }, (_, i) => 1 / (21 - 2 * i))

/**
 * ln x for 0 < x < 1, to within 2 units in the last place: x = m 2^e, ln m = 2 atanh((m - 1) / (m + 1)). Made of
 * operations that IEEE 754 fixes to the bit, which `Math.log` is not.
 */
function logOf(x: number): number {
  let m = x
  let e = 0
  for (; m < SQRT1_2; m *= 2) e--
  const t = (m - 1) / (m + 1)
  const square = t * t
  let sum = 0
  for (let k = 0; k < ATANH.length; k++) sum = sum * square + ATANH[k]
  return e * LN2 + 2 * t * sum
}
