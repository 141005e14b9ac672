// One change of parameters by stochastic gradient descent, over arrays in memory, in place. Loads of the last four lanes
// may reach past the end of the arrays; nothing is stored there.
import { multiplyAdd, multiplySubtract } from './maths'
import { storeLanes } from './rows'

/**
 * g = gradient + penalty w; v = kept v + entering g; w = w - (ofGradient g + ofVelocity v), where the last two hold the
 * learning rate. Where `velocity` is 0 there is no v.
 */
export function sgd(
  values: usize, gradient: usize, velocity: usize, length: u32, penalty: f32, kept: f32, entering: f32,
  ofGradient: f32, ofVelocity: f32,
): void {
  for (let i: u32 = 0; i < length; i += 4) {
    const at = i << 2
    const left = length - i
    let w = v128.load(values + at)
    const g = multiplyAdd(f32x4.splat(penalty), w, v128.load(gradient + at))
    w = multiplySubtract(f32x4.splat(ofGradient), g, w)
    if (velocity != 0) {
      const v = multiplyAdd(f32x4.splat(kept), v128.load(velocity + at), f32x4.mul(f32x4.splat(entering), g))
      storeLanes(velocity + at, v, left)
      w = multiplySubtract(f32x4.splat(ofVelocity), v, w)
    }
    storeLanes(values + at, w, left)
  }
}
