// A change of parameters by Adam in plain JavaScript: the reference, the float64 path and the fallback.
import type { AdamArrays, AdamConstants } from '../adam.ts'
import type { FloatArray } from '../types.ts'

export function adamInto(arrays: AdamArrays<FloatArray>, constants: AdamConstants): void {
  const { values, gradient, firstMoment: first, secondMoment: second, largestSecondMoment: largest } = arrays
  const { penalty, kept, entering1, kept2, entering2, size, scale, epsilon } = constants
  for (let i = 0; i < values.length; i += 1) {
    const w = values[i]
    const g = gradient[i] + penalty * w
    // A row of an embedding that no batch has named yet, say: only the decay of the weights moves it.
    if (g === 0 && first[i] === 0 && second[i] === 0) {
      values[i] = kept * w
      continue
    }
    const m = first[i] + entering1 * (g - first[i])
    let v = kept2 * second[i] + entering2 * g * g
    first[i] = m
    second[i] = v
    if (largest !== undefined) {
      v = Math.max(largest[i], v)
      largest[i] = v
    }
    values[i] = kept * w - (size * m) / (scale * Math.sqrt(v) + epsilon)
  }
}
