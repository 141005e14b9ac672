// Sums of rows in WebAssembly: some rows at a time go in, so that the work stays in the first-level cache.
import type { Machine } from './machine.ts'

/** Elements of a piece: 16 KB. */
const PIECE = 4096

export function sumRowsWasm(machine: Machine, out: Float32Array, x: Float32Array, columns: number): void {
  const { exports } = machine.begin()
  // Whole groups of four: the sums in float64, and behind them what they come to.
  const room = Math.ceil(columns / 4) * 4
  const totals = machine.take(3 * room)
  const to = totals + 8 * room
  machine.zero(totals, 3 * room)
  forEachPiece(machine, x, columns, (from, rows) => { exports.totalRows(to, totals, from, rows, columns) })
  machine.read(to, out, 0, columns)
}

export function scatterAddRowsWasm(
  machine: Machine, { out, updates, indices, columns }: {
    readonly out: Float32Array
    readonly updates: Float32Array
    readonly indices: Int32Array
    readonly columns: number
  },
): void {
  const { exports } = machine.begin()
  const to = machine.take(out.length)
  machine.write(to, out)
  const index = machine.take(indices.length)
  machine.writeIntegers(index, indices)
  forEachPiece(machine, updates, columns, (from, rows, first) => {
    exports.addRows(to, from, index + 4 * first, columns, rows)
  })
  machine.read(to, out, 0, out.length)
}

/** Brings the rows of `x` in, some at a time, and says where they lie, how many they are, and which is the first. */
function forEachPiece(
  machine: Machine, x: Float32Array, columns: number, use: (from: number, rows: number, first: number) => void,
): void {
  if (x.length === 0) return
  const rows = x.length / columns
  const most = Math.min(rows, Math.max(1, Math.floor(PIECE / columns)))
  const from = machine.take(most * columns)
  for (let first = 0; first < rows; first += most) {
    const count = Math.min(most, rows - first)
    machine.writePart(from, x, first * columns, count * columns)
    use(from, count, first)
  }
}
