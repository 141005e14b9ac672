// The time loops of the LSTM sequence, on packed rows, over the steps from `begin` to `end`. Gates lie i, f, g, o in every
// row.
import { sigmoid, tanh } from './elementwise'
import { multiplyAdd, multiplySubtract, one, slope, tanh4 } from './maths'
import { multiplyPacked } from './multiply'
import { rowsAt, rowsBefore, storeLanes } from './rows'

/**
 * gates [rows, 4 hidden] hold the input sums and become i, f, g and o; states and cells [batch + rows, hidden] start
 * with the initial ones. hh is the packed transpose of weightHh.
 */
export function lstmForward(
  active: usize, offsets: usize, begin: u32, end: u32, batch: u32, hidden: u32, gates: usize, states: usize,
  cells: usize, hh: usize,
): void {
  const bytes = hidden << 2
  for (let t = begin; t < end; t++) {
    const working = rowsAt(active, t)
    const first = load<u32>(offsets + (t << 2))
    const preceding = rowsBefore(offsets, batch, t) * bytes
    let gate = gates + first * 4 * bytes
    multiplyPacked(gate, 4 * bytes, states + preceding, bytes, false, hh, working, 4 * hidden, hidden, gate)
    let before = cells + preceding
    let cell = cells + (batch + first) * bytes
    let state = states + (batch + first) * bytes
    for (let p: u32 = 0; p < working; p++) {
      // Functions first and sums after, in loops of their own: more of their long chains then run side by side.
      sigmoid(gate, 2 * hidden)
      tanh(gate + 2 * bytes, hidden)
      sigmoid(gate + 3 * bytes, hidden)
      for (let j: u32 = 0; j < bytes; j += 16) {
        const lanes = (bytes - j) >> 2
        const s = gate + j
        const i = v128.load(s)
        const f = v128.load(s + bytes)
        const g = v128.load(s + 2 * bytes)
        const o = v128.load(s + 3 * bytes)
        const c = multiplyAdd(f, v128.load(before + j), f32x4.mul(i, g))
        storeLanes(cell + j, c, lanes)
        storeLanes(state + j, f32x4.mul(o, tanh4(c)), lanes)
      }
      gate += 4 * bytes
      before += bytes
      cell += bytes
      state += bytes
    }
  }
}

/**
 * Back through time. outer [rows, hidden] are the gradients of the outputs, or 0; gates become the gradients of the
 * sums, cells their own tanh; dHidden and dCell [batch, hidden] start as the gradients of the last states and cells and
 * end as those of the initial ones. hh is the packed weightHh.
 */
export function lstmBackward(
  active: usize, offsets: usize, begin: u32, end: u32, batch: u32, hidden: u32, gates: usize, cells: usize,
  outer: usize, dHidden: usize, dCell: usize, hh: usize,
): void {
  const bytes = hidden << 2
  for (let t = end; t-- > begin;) {
    const working = rowsAt(active, t)
    const first = load<u32>(offsets + (t << 2))
    let gate = gates + first * 4 * bytes
    let before = cells + rowsBefore(offsets, batch, t) * bytes
    let cell = cells + (batch + first) * bytes
    let out = outer + first * bytes
    let dh = dHidden
    let dc = dCell
    // The step after this one has used these cells: from here on only their tanh is needed.
    tanh(cell, working * hidden)
    for (let p: u32 = 0; p < working; p++) {
      for (let j: u32 = 0; j < bytes; j += 16) {
        const lanes = (bytes - j) >> 2
        const s = gate + j
        const i = v128.load(s)
        const f = v128.load(s + bytes)
        const g = v128.load(s + 2 * bytes)
        const o = v128.load(s + 3 * bytes)
        const c = v128.load(cell + j)
        let d = v128.load(dh + j)
        if (outer != 0) d = f32x4.add(d, v128.load(out + j))
        const e = multiplyAdd(f32x4.mul(d, o), multiplySubtract(c, c, one()), v128.load(dc + j))
        storeLanes(s, f32x4.mul(f32x4.mul(e, g), slope(i)), lanes)
        storeLanes(s + bytes, f32x4.mul(f32x4.mul(e, v128.load(before + j)), slope(f)), lanes)
        storeLanes(s + 2 * bytes, f32x4.mul(f32x4.mul(e, i), multiplySubtract(g, g, one())), lanes)
        storeLanes(s + 3 * bytes, f32x4.mul(f32x4.mul(d, c), slope(o)), lanes)
        storeLanes(dc + j, f32x4.mul(e, f), lanes)
      }
      gate += 4 * bytes
      before += bytes
      cell += bytes
      out += bytes
      dh += bytes
      dc += bytes
    }
    const sums = gates + first * 4 * bytes
    multiplyPacked(dHidden, bytes, sums, 4 * bytes, false, hh, working, hidden, 4 * hidden, 0)
  }
}
