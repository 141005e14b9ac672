// Nanoseconds an element of the elementwise functions and softmax, for each backend.
import { availableBackends, exp, logSoftmax, sigmoid, softmax, tanh, useBackend } from '@ostinato/kernels'
import { measure, values } from '../measure.ts'
import { table } from '../output.ts'

const lengths = [64, 4096, 1 << 20]
const columns = 64
const functions = [
  { name: 'exp', run: exp },
  { name: 'tanh', run: tanh },
  { name: 'sigmoid', run: sigmoid },
  { name: 'softmax', run: (out: Float32Array, x: Float32Array) => { softmax(out, x, x.length / columns, columns) } },
  { name: 'logSoftmax', run: (out: Float32Array, x: Float32Array) => { logSoftmax(out, x, x.length / columns, columns) } },
]

export function benchElementwise(): void {
  const backends = availableBackends()
  const rows = functions.flatMap(({ name, run }) => lengths.map((length) => {
    const x = values(length).map(v => v * 8)
    const out = new Float32Array(length)
    const times = backends.map(backend =>
      useBackend(backend, () => (measure(() => { run(out, x) }, { runs: 11 }).median * 1e6) / length))
    return [`${name} [${length}]`, ...times]
  }))
  table('Elementwise: ns an element', [['', ...backends], ...rows], 2)
}
