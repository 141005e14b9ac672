// Convolution and its two gradients through their public functions, copies in and out included, for each backend: the
// layers of a small network over pictures of 32 by 32, in batches of 64.
import {
  availableBackends, convolution, convolutionInputGradient, convolutionWeightGradient, useBackend,
} from '@ostinato/kernels'
import type { Plane } from '@ostinato/kernels'
import { measure, values } from '../measure.ts'
import { table } from '../output.ts'

const square = (n: number): Plane => [n, n]
const layers = [
  { channels: [3, 24], size: 32, kernel: 5, stride: 2 },
  { channels: [24, 48], size: 16, kernel: 3, stride: 1 },
  { channels: [48, 96], size: 8, kernel: 3, stride: 1 },
  { channels: [96, 192], size: 4, kernel: 3, stride: 1 },
]

export function benchConvolution(): void {
  for (const backend of availableBackends()) {
    const rows = layers.map(({ channels: [inputChannels, outputChannels], size, kernel, stride }) => {
      const batch = 64
      const places = (size / stride) ** 2
      const problem = {
        batch, inputChannels, outputChannels, input: square(size), kernel: square(kernel),
        output: square(size / stride), stride: square(stride), padding: square(kernel >> 1),
      }
      const [x, y] = [values(batch * inputChannels * size ** 2), values(batch * outputChannels * places)]
      const weight = values(outputChannels * inputChannels * kernel ** 2)
      const [dx, out, dw] = [x.slice(), y.slice(), weight.slice()]
      const work = 2 * y.length * inputChannels * kernel ** 2
      const passes = [
        () => { convolution(out, x, weight, problem) },
        () => { convolutionInputGradient(dx, y, weight, problem) },
        () => { convolutionWeightGradient(dw, x, y, problem) },
      ]
      const cells = passes.map((pass) => {
        const { median, best } = useBackend(backend, () => measure(pass))
        return `${median.toFixed(1)} (${best.toFixed(1)}) ms, ${(work / best / 1e6).toFixed(1)}`
      })
      return [`${inputChannels} -> ${outputChannels}, ${kernel} x ${kernel} on ${size} x ${size}`, ...cells]
    })
    const head = ['', 'forward', 'gradient in the input', 'gradient in the weight']
    table(`convolution, ${backend}: median (best), GFLOP/s at best`, [head, ...rows])
  }
}
