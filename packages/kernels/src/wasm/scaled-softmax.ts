// The softmax with a factor for each row in WebAssembly: some rows at a time go in and come out, so that the work stays
// in the first-level cache.
import type { ScaledSoftmaxArrays } from '../scaled-softmax.ts'
import type { Machine } from './machine.ts'

/** Elements of a piece: 32 KB. */
const PIECE = 8192

export function scaledSoftmaxWasm(
  machine: Machine, { out, tops, logSums, x, factors }: ScaledSoftmaxArrays<Float32Array>,
): void {
  const rows = factors.length
  const columns = x.length / rows
  const { exports } = machine.begin()
  const most = Math.min(rows, Math.max(1, Math.floor(PIECE / columns)))
  const at = machine.take(most * columns)
  const eachAt = machine.take(3 * rows)
  const each = machine.view(eachAt, 3 * rows)
  factors.forEach((factor, r) => { each[3 * r] = factor })
  for (let r = 0; r < rows; r += most) {
    const count = Math.min(most, rows - r)
    machine.writePart(at, x, r * columns, count * columns)
    exports.softmax(at, count, columns, false, eachAt + 12 * r)
    machine.read(at, out, r * columns, count * columns)
  }
  for (let r = 0; r < rows; r += 1) {
    tops[r] = each[3 * r + 1]
    logSums[r] = each[3 * r + 2]
  }
}
