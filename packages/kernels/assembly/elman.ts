// The time loops of the Elman sequence, on packed rows, over the steps from `begin` to `end`.
import { one, tanh4 } from './maths'
import { multiplyPacked } from './multiply'
import { rowsAt, rowsBefore, storeLanes } from './rows'

/**
 * states [batch + rows, hidden] hold the initial states and, behind them, the input sums of every packed row, which
 * become the states. hh is the packed transpose of weightHh.
 */
export function elmanForward(
  active: usize, offsets: usize, begin: u32, end: u32, batch: u32, hidden: u32, rectified: bool, states: usize,
  hh: usize,
): void {
  const bytes = hidden << 2
  for (let t = begin; t < end; t++) {
    const working = rowsAt(active, t)
    const to = states + (batch + load<u32>(offsets + (t << 2))) * bytes
    const from = states + rowsBefore(offsets, batch, t) * bytes
    multiplyPacked(to, bytes, from, bytes, false, hh, working, hidden, hidden, to)
    const zero = f32x4.splat(0)
    let length = working * hidden
    for (let p = to; ; p += 16) {
      const x = v128.load(p)
      // pmax(x, 0) is x unless x < 0, so that NaN stays.
      storeLanes(p, rectified ? f32x4.pmax(x, zero) : tanh4(x), length)
      if (length <= 4) break
      length -= 4
    }
  }
}

/**
 * Back through time. outer [rows, hidden] are the gradients of the outputs, or 0; sums [rows, hidden] receives those of
 * the sums; dHidden [batch, hidden] starts as those of the last states and ends as those of the initial ones. hh is
 * the packed weightHh.
 */
export function elmanBackward(
  active: usize, offsets: usize, begin: u32, end: u32, batch: u32, hidden: u32, rectified: bool, states: usize,
  outer: usize, sums: usize, dHidden: usize, hh: usize,
): void {
  const bytes = hidden << 2
  for (let t = end; t-- > begin;) {
    const working = rowsAt(active, t)
    const first = load<u32>(offsets + (t << 2)) * bytes
    const zero = f32x4.splat(0)
    let length = working * hidden
    for (let i: u32 = 0; ; i += 16) {
      const h = v128.load(states + batch * bytes + first + i)
      let d = v128.load(dHidden + i)
      if (outer != 0) d = f32x4.add(d, v128.load(outer + first + i))
      d = rectified ? v128.and(d, f32x4.gt(h, zero)) : f32x4.mul(d, f32x4.sub(one(), f32x4.mul(h, h)))
      storeLanes(sums + first + i, d, length)
      if (length <= 4) break
      length -= 4
    }
    multiplyPacked(dHidden, bytes, sums + first, bytes, false, hh, working, hidden, hidden, 0)
  }
}
