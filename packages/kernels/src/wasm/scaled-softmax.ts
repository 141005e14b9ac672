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
  const [factorsAt, topsAt, sumsAt] = [rows, rows, rows].map(length => machine.take(length))
  machine.write(factorsAt, factors)
  for (let r = 0; r < rows; r += most) {
    const count = Math.min(most, rows - r)
    machine.writePart(at, x, r * columns, count * columns)
    exports.softmax(at, count, columns, false, factorsAt + 4 * r, topsAt + 4 * r, sumsAt + 4 * r)
    machine.read(at, out, r * columns, count * columns)
  }
  machine.read(topsAt, tops, 0, rows)
  machine.read(sumsAt, logSums, 0, rows)
}
