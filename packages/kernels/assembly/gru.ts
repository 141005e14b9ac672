// The time loops of the GRU sequence, on packed rows, over the steps from `begin` to `end`. Gates lie r, z, n in every
// row.
import { multiplyAdd, multiplySubtract, one, sigmoid4, slope, tanh4 } from './maths'
import { multiplyPacked } from './multiply'
import { rowsAt, rowsBefore, storeLanes } from './rows'

/**
 * gates [rows, 3 hidden] hold the input sums and become r, z and n; products [rows, hidden] receives the recurrent
 * product of n with its bias; states [batch + rows, hidden] start with the initial states. hh is the packed transpose of
 * weightHh, bias its bias or 0, and recurrent a workspace [batch, 3 hidden].
 */
export function gruForward(
  active: usize, offsets: usize, begin: u32, end: u32, batch: u32, hidden: u32, gates: usize, products: usize,
  states: usize, hh: usize, bias: usize, recurrent: usize,
): void {
  const bytes = hidden << 2
  for (let t = begin; t < end; t++) {
    const working = rowsAt(active, t)
    const first = load<u32>(offsets + (t << 2))
    let before = states + rowsBefore(offsets, batch, t) * bytes
    multiplyPacked(recurrent, 3 * bytes, before, bytes, false, hh, working, 3 * hidden, hidden, bias)
    let gate = gates + first * 3 * bytes
    let product = products + first * bytes
    let state = states + (batch + first) * bytes
    let sum = recurrent
    for (let p: u32 = 0; p < working; p++) {
      // r and z first, in a loop of their own: more of the long chains then run side by side.
      for (let j: u32 = 0; j < 2 * bytes; j += 16) {
        const rz = sigmoid4(f32x4.add(v128.load(gate + j), v128.load(sum + j)))
        storeLanes(gate + j, rz, (2 * bytes - j) >> 2)
      }
      for (let j: u32 = 0; j < bytes; j += 16) {
        const lanes = (bytes - j) >> 2
        const g = gate + j
        const u = v128.load(sum + j + 2 * bytes)
        storeLanes(product + j, u, lanes)
        const n = tanh4(multiplyAdd(v128.load(g), u, v128.load(g + 2 * bytes)))
        storeLanes(g + 2 * bytes, n, lanes)
        // (1 - z) n + z h = n + z (h - n)
        const h = multiplyAdd(v128.load(g + bytes), f32x4.sub(v128.load(before + j), n), n)
        storeLanes(state + j, h, lanes)
      }
      gate += 3 * bytes
      sum += 3 * bytes
      product += bytes
      state += bytes
      before += bytes
    }
  }
}

/**
 * Back through time. outer [rows, hidden] are the gradients of the outputs, or 0; gates become the gradients of the
 * input sums, products those of the recurrent sums of n (the recurrent sums of r and z share the input's); dHidden
 * [batch, hidden] starts as the gradients of the last states and ends as those of the initial ones. hhGates and hhNew
 * are the packed first 2 hidden and last hidden rows of weightHh.
 */
export function gruBackward(
  active: usize, offsets: usize, begin: u32, end: u32, batch: u32, hidden: u32, gates: usize, products: usize,
  states: usize, outer: usize, dHidden: usize, hhGates: usize, hhNew: usize,
): void {
  const bytes = hidden << 2
  for (let t = end; t-- > begin;) {
    const working = rowsAt(active, t)
    const first = load<u32>(offsets + (t << 2))
    let before = states + rowsBefore(offsets, batch, t) * bytes
    let gate = gates + first * 3 * bytes
    let product = products + first * bytes
    let out = outer + first * bytes
    let dh = dHidden
    for (let p: u32 = 0; p < working; p++) {
      for (let j: u32 = 0; j < bytes; j += 16) {
        const lanes = (bytes - j) >> 2
        const g = gate + j
        const r = v128.load(g)
        const z = v128.load(g + bytes)
        const n = v128.load(g + 2 * bytes)
        let d = v128.load(dh + j)
        if (outer != 0) d = f32x4.add(d, v128.load(out + j))
        const dz = f32x4.mul(d, f32x4.mul(f32x4.sub(v128.load(before + j), n), slope(z)))
        const dn = f32x4.mul(multiplySubtract(d, z, d), multiplySubtract(n, n, one()))
        const dr = f32x4.mul(f32x4.mul(dn, v128.load(product + j)), slope(r))
        storeLanes(g, dr, lanes)
        storeLanes(g + bytes, dz, lanes)
        storeLanes(g + 2 * bytes, dn, lanes)
        storeLanes(product + j, f32x4.mul(dn, r), lanes)
        storeLanes(dh + j, f32x4.mul(d, z), lanes)
      }
      gate += 3 * bytes
      product += bytes
      out += bytes
      before += bytes
      dh += bytes
    }
    const from = gates + first * 3 * bytes
    const fromNew = products + first * bytes
    multiplyPacked(dHidden, bytes, from, 3 * bytes, false, hhGates, working, hidden, 2 * hidden, dHidden)
    multiplyPacked(dHidden, bytes, fromNew, bytes, false, hhNew, working, hidden, hidden, dHidden)
  }
}
