// One change of parameters by Adam, over arrays in memory, in place. Loads of the last four lanes may reach past the end
// of the arrays; nothing is stored there. Not here: the corrections of the step, which the caller folds into constants.
import { multiplyAdd } from './maths'
import { storeLanes } from './rows'

/**
 * g = gradient + penalty w; first += entering1 (g - first); second = kept2 second + entering2 g^2;
 * w = kept w - size first / (scale sqrt(second) + epsilon). Where `largest` is not 0, the largest second moments so far
 * lie there, and take the place of the second in the last line.
 */
export function adam(
  values: usize, gradient: usize, first: usize, second: usize, largest: usize, length: u32, penalty: f32, kept: f32,
  entering1: f32, kept2: f32, entering2: f32, size: f32, scale: f32, epsilon: f32,
): void {
  for (let i: u32 = 0; i < length; i += 4) {
    const at = i << 2
    const left = length - i
    const w = v128.load(values + at)
    const g = multiplyAdd(f32x4.splat(penalty), w, v128.load(gradient + at))
    const m0 = v128.load(first + at)
    const m = multiplyAdd(f32x4.splat(entering1), f32x4.sub(g, m0), m0)
    const entering = f32x4.mul(f32x4.mul(f32x4.splat(entering2), g), g)
    let v = multiplyAdd(f32x4.splat(kept2), v128.load(second + at), entering)
    storeLanes(first + at, m, left)
    storeLanes(second + at, v, left)
    if (largest != 0) {
      v = f32x4.max(v128.load(largest + at), v)
      storeLanes(largest + at, v, left)
    }
    const divisor = multiplyAdd(f32x4.splat(scale), f32x4.sqrt(v), f32x4.splat(epsilon))
    const change = f32x4.div(f32x4.mul(f32x4.splat(size), m), divisor)
    storeLanes(values + at, f32x4.sub(f32x4.mul(f32x4.splat(kept), w), change), left)
  }
}
