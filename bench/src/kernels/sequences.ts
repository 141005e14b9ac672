// Whole LSTM and GRU sequences forward and backward, for each backend: milliseconds, and GFLOP/s counting only the
// products (forward once, backward twice).
import {
  availableBackends, gruBackward, gruForward, lstmBackward, lstmForward, useBackend,
} from '@ostinato/kernels'
import { measure, values } from '../measure.ts'
import { table } from '../output.ts'

const sizes = [
  { time: 100, batch: 32, input: 64, hidden: 64 },
  { time: 64, batch: 32, input: 64, hidden: 128 },
]

function problem(gates: number, { time, batch, input, hidden }: (typeof sizes)[number]) {
  return {
    layout: { batch, time }, inputSize: input, hiddenSize: hidden, keep: true,
    input: values(batch * time * input),
    initialHidden: new Float32Array(batch * hidden),
    initialCell: new Float32Array(batch * hidden),
    weightIh: values(gates * hidden * input).map(v => v / 4),
    weightHh: values(gates * hidden * hidden).map(v => v / 4),
    biasIh: values(gates * hidden),
    biasHh: values(gates * hidden),
  } as const
}

const kinds = [
  {
    name: 'LSTM',
    gates: 4,
    forward: (p: ReturnType<typeof problem>) => { lstmForward({ ...p, keep: false }) },
    both: (p: ReturnType<typeof problem>, output: Float32Array) => { lstmBackward(lstmForward(p).saved, { output }) },
  },
  {
    name: 'GRU',
    gates: 3,
    forward: (p: ReturnType<typeof problem>) => { gruForward({ ...p, keep: false }) },
    both: (p: ReturnType<typeof problem>, output: Float32Array) => { gruBackward(gruForward(p).saved, { output }) },
  },
]

export function benchSequences(): void {
  const rows = kinds.flatMap(({ name, gates, forward, both }) => sizes.flatMap((size) => {
    const { time, batch, input, hidden } = size
    const p = problem(gates, size)
    const output = values(batch * time * hidden)
    const flops = 2 * time * batch * gates * hidden * (input + hidden)
    return availableBackends().map((backend) => {
      const run = (work: () => void) => useBackend(backend, () => measure(work, { runs: 15, warmUp: 300 }))
      const once = run(() => { forward(p) })
      const whole = run(() => { both(p, output) })
      const cell = (ms: number, times: number): string => `${ms.toFixed(2)} ms ${((times * flops) / ms / 1e6).toFixed(1)}`
      return [
        `${name} T=${time} B=${batch} I=${input} H=${hidden}`, backend,
        cell(once.median, 1), cell(whole.median, 3), cell(whole.best, 3),
      ]
    })
  }))
  const head = ['', 'backend', 'forward', 'forward+backward', 'its best']
  table('Sequences: median, and GFLOP/s', [head, ...rows])
}
