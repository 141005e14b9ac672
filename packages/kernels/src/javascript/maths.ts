// exp, tanh, sigmoid and log in float64 from the four operations of arithmetic alone, so that every engine gives the
// same bits: the results of Math.exp and its kin are left to the engine. Accurate to a unit in the last place or two.
//
// e^y = 2^n e^r with n = round(y / ln 2) and r = y - n ln 2; ln 2 is split in two so that n times its first part is
// exact (Cody and Waite, "Software manual for the elementary functions", 1980). e^r - 1 is its Taylor series to r^13.

const LOG2_E = 1.4426950408889634
/** Its last 21 bits are zero. */
const LN2_FIRST = 0.693147180369123816490
const LN2_REST = 1.90821492927058770002e-10
/** 1.5 * 2^52: adding it leaves a rounded whole number. */
const ROUND = 6755399441055744

/** 2^n for n in -540..540. */
const powers = Float64Array.from({ length: 1081 }, (_, i) => 2 ** (i - 540))
const power = (n: number): number => powers[n + 540]

/** e^r - 1 for |r| up to ln 2 / 2, summed in pairs: terms of one pair need no other. */
function fraction(r: number): number {
  const r2 = r * r
  const r4 = r2 * r2
  const a = 0.5 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120))
  const b = 1 / 720 + r * (1 / 5040) + r2 * (1 / 40320 + r * (1 / 362880))
  const c = 1 / 3628800 + r * (1 / 39916800) + r2 * (1 / 479001600 + r * (1 / 6227020800))
  return r + r2 * (a + r4 * (b + r4 * c))
}

/** e^x. */
export function exp(x: number): number {
  if (!(x < 709.8)) return Number.isNaN(x) ? NaN : Infinity
  if (x < -745.2) return 0
  const n = x * LOG2_E + ROUND - ROUND
  const half = n >> 1
  return (1 + fraction(x - n * LN2_FIRST - n * LN2_REST)) * power(half) * power(n - half)
}

/** tanh x = -E / (2 + E) with E = e^(-2|x|) - 1, and the sign of x. */
export function tanh(x: number): number {
  const y = -2 * Math.abs(x)
  if (!(y > -45)) return Number.isNaN(x) ? NaN : Math.sign(x)
  const n = y * LOG2_E + ROUND - ROUND
  const scale = power(n)
  const less = scale - 1 + scale * fraction(y - n * LN2_FIRST - n * LN2_REST)
  const size = -less / (2 + less)
  return x > 0 ? size : x < 0 ? -size : x
}

/** 1 / (1 + e^-x), as e^x / (1 + e^x) below zero. */
export function sigmoid(x: number): number {
  const e = exp(-Math.abs(x))
  return (x < 0 ? e : 1) / (1 + e)
}

const float = new Float64Array(1)
const words = new Uint32Array(float.buffer)
/** Which of the two words holds sign and exponent. */
const HIGH = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0

/**
 * ln x for x >= 1, or what is not a finite number: x = m 2^e with m in sqrt(1/2)..sqrt(2), and
 * ln m = 2 atanh((m - 1) / (m + 1)) by its series.
 */
export function log(x: number): number {
  if (!(x < Infinity)) return x
  float[0] = x
  let e = (words[HIGH] >>> 20) - 1023
  words[HIGH] = (words[HIGH] & 0xfffff) | 0x3ff00000
  let m = float[0]
  if (m > Math.SQRT2) {
    m /= 2
    e += 1
  }
  const t = (m - 1) / (m + 1)
  const s = t * t
  let sum = 0
  for (let i = 21; i > 0; i -= 2) sum = sum * s + 1 / i
  return e * LN2_FIRST + (e * LN2_REST + 2 * t * sum)
}
