// exp, sigmoid and tanh of four float32 lanes, accurate to a few 1e-7 of the value. Infinities, NaN and signed zeros come
// out right; where e^x would be subnormal, `exp4` gives it and the others take it as zero. Not here: loops over arrays.
//
// e^y = 2^n e^r with n = round(y / ln 2) and r = y - n ln 2, |r| <= ln 2 / 2. ln 2 is split in two (Cody and Waite,
// "Software manual for the elementary functions", 1980). e^r - 1 = r + r^2 p(r), where p is the polynomial of degree 4
// that minimises the largest relative error (1.6e-8) over that interval, fitted for this package.

/**
 * Constants, each four times: engines rebuild constants of 128 bits in every turn of a loop, and a whole load is their
 * cheapest one.
 */
const table = memory.data<f32>([
  1.4426950408889634, 1.4426950408889634, 1.4426950408889634, 1.4426950408889634, // 1 / ln 2
  12582912, 12582912, 12582912, 12582912, // 1.5 * 2^23: adding it leaves a rounded whole number in the low bits
  -0.693359375, -0.693359375, -0.693359375, -0.693359375, // -ln 2, its first part
  0.00021219444170128554, 0.00021219444170128554, 0.00021219444170128554, 0.00021219444170128554, // -ln 2, the rest
  0.0013946506660431623, 0.0013946506660431623, 0.0013946506660431623, 0.0013946506660431623,
  0.00836661085486412, 0.00836661085486412, 0.00836661085486412, 0.00836661085486412,
  0.04166628047823906, 0.04166628047823906, 0.04166628047823906, 0.04166628047823906,
  0.1666654348373413, 0.1666654348373413, 0.1666654348373413, 0.1666654348373413,
  0.5, 0.5, 0.5, 0.5,
  1, 1, 1, 1,
  2, 2, 2, 2,
  89, 89, 89, 89, // e^89 overflows
  -104, -104, -104, -104, // e^-104 is zero
  87.3, 87.3, 87.3, 87.3, // e^-87.3 is just above the smallest normal number
  -87.3, -87.3, -87.3, -87.3,
  -40, -40, -40, -40, // e^-40 - 1 is -1
], 16)

/** As whole numbers: the bias of the exponent, the bits of 1.5 * 2^23, and the sign bit. */
const bits = memory.data<i32>([
  127, 127, 127, 127,
  0x4b400000, 0x4b400000, 0x4b400000, 0x4b400000,
  i32.MIN_VALUE, i32.MIN_VALUE, i32.MIN_VALUE, i32.MIN_VALUE,
], 16)

// @ts-ignore: decorator
@inline function constant(i: usize): v128 {
  return v128.load(table + (i << 4))
}

// @ts-ignore: decorator
@inline export function one(): v128 {
  return constant(9)
}

// @ts-ignore: decorator
@inline function signBit(): v128 {
  return v128.load(bits + 32)
}

/** sum + a * b, in one rounding where the build allows. */
// @ts-ignore: decorator
@inline export function multiplyAdd(a: v128, b: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum)
  return f32x4.add(f32x4.mul(a, b), sum)
}

/** sum - a * b, in one rounding where the build allows. */
// @ts-ignore: decorator
@inline export function multiplySubtract(a: v128, b: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, sum)
  return f32x4.sub(sum, f32x4.mul(a, b))
}

/** s (1 - s), the derivative of the sigmoid at its value s. */
// @ts-ignore: decorator
@inline export function slope(s: v128): v128 {
  return multiplySubtract(s, s, s)
}

/** n + 1.5 * 2^23, where n is y / ln 2 rounded. */
// @ts-ignore: decorator
@inline function shiftedExponent(y: v128): v128 {
  return multiplyAdd(y, constant(0), constant(1))
}

/** e^r - 1. */
// @ts-ignore: decorator
@inline function fraction(y: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, constant(1))
  const r = multiplyAdd(n, constant(3), multiplyAdd(n, constant(2), y))
  const r2 = f32x4.mul(r, r)
  const low = multiplyAdd(constant(7), r, constant(8))
  const high = multiplyAdd(multiplyAdd(constant(4), r, constant(5)), r, constant(6))
  return multiplyAdd(multiplyAdd(high, r2, low), r2, r)
}

/** x 2^n for a normal x and result. The shift drops the 1.5 * 2^23 from the bits. */
// @ts-ignore: decorator
@inline function scaled(x: v128, shifted: v128): v128 {
  return i32x4.add(x, i32x4.shl(shifted, 23))
}

// pmin(a, b) is a unless b < a, and pmax(a, b) is a unless a < b: a NaN in a stays.

/** e^x. 2^n is applied in two parts, since n may lie outside what one power can hold. */
// @ts-ignore: decorator
@inline export function exp4(x: v128): v128 {
  const y = f32x4.pmax(f32x4.pmin(x, constant(11)), constant(12))
  const shifted = shiftedExponent(y)
  const n = i32x4.sub(shifted, v128.load(bits + 16))
  const half = i32x4.shr_s(n, 1)
  const rest = i32x4.sub(n, half)
  const first = i32x4.shl(i32x4.add(half, v128.load(bits)), 23)
  const second = i32x4.shl(i32x4.add(rest, v128.load(bits)), 23)
  return f32x4.mul(f32x4.mul(f32x4.add(fraction(y, shifted), one()), first), second)
}

/** e^x for x <= 0 or NaN. */
// @ts-ignore: decorator
@inline export function expOfNegative4(x: v128): v128 {
  const shifted = shiftedExponent(x)
  const e = scaled(f32x4.add(fraction(x, shifted), one()), shifted)
  return v128.andnot(e, f32x4.lt(x, constant(14)))
}

/** 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline export function sigmoid4(x: v128): v128 {
  const y = f32x4.pmax(f32x4.pmin(v128.xor(x, signBit()), constant(13)), constant(14))
  const shifted = shiftedExponent(y)
  const e = scaled(f32x4.add(fraction(y, shifted), one()), shifted)
  return v128.andnot(f32x4.div(one(), f32x4.add(e, one())), f32x4.lt(x, constant(14)))
}

/** tanh x = (1 - e) / (2 - (1 - e)) with e = e^(-2|x|), and the sign of x. */
// @ts-ignore: decorator
@inline export function tanh4(x: v128): v128 {
  const negative = v128.or(x, signBit())
  const y = f32x4.pmax(f32x4.add(negative, negative), constant(15))
  const shifted = shiftedExponent(y)
  const scale = scaled(one(), shifted)
  const less = multiplySubtract(fraction(y, shifted), scale, f32x4.sub(one(), scale))
  const size = f32x4.div(less, f32x4.sub(constant(10), less))
  return v128.or(size, v128.and(x, signBit()))
}

/**
 * ln x for x >= 1 or not a number: x = m 2^e with m in sqrt(1/2)..sqrt(2), ln m = 2 atanh((m - 1) / (m + 1)) by its
 * series, as far as float32 tells. In float64: it runs once a row.
 */
export function log(x: f64): f64 {
  if (!(x < Infinity)) return x
  const bits = reinterpret<u64>(x)
  let e = <i32>(bits >> 52) - 1023
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000)
  if (m > 1.4142135623730951) {
    m *= 0.5
    e++
  }
  const t = (m - 1) / (m + 1)
  const s = t * t
  let sum: f64 = 0
  for (let i = 13; i > 0; i -= 2) sum = sum * s + 1.0 / <f64>i
  return <f64>e * 0.6931471805599453 + 2 * t * sum
}
