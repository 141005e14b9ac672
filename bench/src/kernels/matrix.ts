// GFLOP/s of matrixMultiply through its public function, copies in and out included, for each backend.
import { availableBackends, matrixMultiply, useBackend } from '@ostinato/kernels'
import { measure, values } from '../measure.ts'
import { table } from '../output.ts'

const sizes = [
  { m: 512, n: 512, k: 512 },
  { m: 3200, n: 256, k: 64 },
  { m: 3200, n: 64, k: 256 },
  { m: 256, n: 64, k: 3200 },
  { m: 32, n: 256, k: 64 },
]
const forms = [
  { name: 'a b', transposeA: false, transposeB: false },
  { name: 'a bT', transposeA: false, transposeB: true },
  { name: 'aT b', transposeA: true, transposeB: false },
  { name: 'aT bT', transposeA: true, transposeB: true },
]

export function benchMatrix(): void {
  for (const backend of availableBackends()) {
    const rows = sizes.map((size) => {
      const { m, n, k } = size
      const [a, b, out] = [values(m * k), values(k * n), values(m * n)]
      const speeds = forms.map(({ name: _, ...form }) => {
        const { median, best } = useBackend(backend, () =>
          measure(() => { matrixMultiply(out, a, b, { ...size, ...form }) }))
        const speed = (milliseconds: number): string => ((2 * m * n * k) / milliseconds / 1e6).toFixed(1)
        return `${speed(median)} (${speed(best)})`
      })
      return [`m=${m} n=${n} k=${k}`, ...speeds]
    })
    table(`matrixMultiply, ${backend}: GFLOP/s, median (best)`, [['', ...forms.map(form => form.name)], ...rows])
  }
}
