// A change of parameters by SGD in plain JavaScript: the reference, the float64 path and the fallback.
import type { SgdArrays, SgdConstants } from '../sgd.ts'
import type { FloatArray } from '../types.ts'

export function sgdInto({ values, gradient, velocity }: SgdArrays<FloatArray>, constants: SgdConstants): void {
  const { penalty, kept, entering, ofGradient, ofVelocity } = constants
  for (let i = 0; i < values.length; i += 1) {
    const w = values[i]
    const g = gradient[i] + penalty * w
    let change = ofGradient * g
    if (velocity !== undefined) {
      const v = kept * velocity[i] + entering * g
      velocity[i] = v
      change += ofVelocity * v
    }
    values[i] = w - change
  }
}
