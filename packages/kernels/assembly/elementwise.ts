// Elementwise functions and row-wise softmax over arrays in memory, in place. The last load of four lanes may reach past
// the end of the array; nothing is stored there.
import { exp4, expOfNegative4, log, sigmoid4, tanh4 } from './maths'
import { lanes } from './room'
import { storeLanes } from './rows'

/** x = e^x, for `length` elements. */
export function exp(x: usize, length: u32): void {
  for (let left = <i32>length; left > 0; left -= 4, x += 16) storeLanes(x, exp4(v128.load(x)), left)
}

/** x = tanh x. */
export function tanh(x: usize, length: u32): void {
  for (let left = <i32>length; left > 0; left -= 4, x += 16) storeLanes(x, tanh4(v128.load(x)), left)
}

/** x = sigmoid x. */
export function sigmoid(x: usize, length: u32): void {
  for (let left = <i32>length; left > 0; left -= 4, x += 16) storeLanes(x, sigmoid4(v128.load(x)), left)
}

// @ts-ignore: decorator
@inline function sumLanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
}

// @ts-ignore: decorator
@inline function greatestLane(v: v128): f32 {
  const pairs = f32x4.pmax(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1))
  return f32x4.extract_lane(f32x4.pmax(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)), 0)
}

/**
 * The softmax of each row in place, or its logarithm. The row's own lanes beyond its last four are -Infinity. Where
 * `each` is not 0, it has three numbers for each row: the factor of its softmax, and behind it, filled, its largest
 * element and the logarithm of what it was divided by.
 */
export function softmax(x: usize, rows: u32, columns: u32, logarithm: bool, each: usize): void {
  const whole = (columns & ~3) << 2
  const left = (columns & 3) << 2
  const rest = lanes()
  for (; rows > 0; rows--, x += columns << 2) {
    const end = x + whole
    v128.store(rest, f32x4.splat(-Infinity))
    if (left > 0) memory.copy(rest, end, left)
    let largest = v128.load(rest)
    for (let p = x; p < end; p += 16) largest = f32x4.pmax(largest, v128.load(p))
    largest = f32x4.splat(greatestLane(largest))
    const last = expOfNegative4(f32x4.sub(v128.load(rest), largest))
    let sums = last
    if (logarithm) {
      for (let p = x; p < end; p += 16) sums = f32x4.add(sums, expOfNegative4(f32x4.sub(v128.load(p), largest)))
      const logSum = f32x4.splat(<f32>log(sumLanes(sums)))
      for (let p = x; p < end; p += 16) {
        v128.store(p, f32x4.sub(f32x4.sub(v128.load(p), largest), logSum))
      }
      v128.store(rest, f32x4.sub(f32x4.sub(v128.load(rest), largest), logSum))
    } else {
      for (let p = x; p < end; p += 16) {
        const e = expOfNegative4(f32x4.sub(v128.load(p), largest))
        v128.store(p, e)
        sums = f32x4.add(sums, e)
      }
      const sum = sumLanes(sums)
      let factor: f32 = 1
      if (each != 0) {
        factor = f32.load(each)
        f32.store(each, f32x4.extract_lane(largest, 0), 4)
        f32.store(each, <f32>log(sum), 8)
        each += 12
      }
      const scale = f32x4.splat(factor / sum)
      for (let p = x; p < end; p += 16) v128.store(p, f32x4.mul(v128.load(p), scale))
      v128.store(rest, f32x4.mul(last, scale))
    }
    if (left > 0) memory.copy(end, rest, left)
  }
}
