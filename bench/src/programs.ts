// The program that a cold start runs, as text. What programs may weigh is the business of consumer-tests.

/** The first step of W4: a GRU(32) on 8 features over 60 steps, batch 64, squared error, Adam. */
export const training = `
import { valueAndGrad } from '@ostinato/autograd'
import { Linear, meanSquaredError, Module } from '@ostinato/nn'
import { Adam, clipGradNorm } from '@ostinato/optim'
import { gru } from '@ostinato/rnn'
import { reshape, Rng, zeros } from '@ostinato/tensor'
class Forecaster extends Module {
  layer = gru(8, 32, { rng: new Rng(0) })
  head = new Linear(32, 1, { rng: new Rng(1) })
  forward(x) {
    return reshape(this.head.forward(this.layer.forward(x).state.hidden), [64])
  }
}
const model = new Forecaster()
const optimizer = new Adam(model.namedParameters())
const x = zeros([64, 60, 8])
const { value, grads } = valueAndGrad(model, () => meanSquaredError(model.forward(x), zeros([64])))
clipGradNorm(grads, 1)
optimizer.step(grads)
console.log(value.item())
`
