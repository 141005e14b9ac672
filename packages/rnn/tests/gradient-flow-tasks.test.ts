// What gradient flow shows of real learning: on the addition task with a lag of a hundred steps, the gradient of a tanh
// network vanishes on its way back, and that of an LSTM does not, before training and in it.
import { valueAndGrad } from '@ostinato/autograd'
import { additionTask } from '@ostinato/datasets/tasks'
import { Linear, meanSquaredError, Module } from '@ostinato/nn'
import { clipGradNorm, SGD } from '@ostinato/optim'
import { elman, GradientFlow, lastStep, lstm, type LayerFlow, type SequenceLayer } from '@ostinato/rnn'
import { Rng, stack, tensor, type Tensor } from '@ostinato/tensor'
import { expect, test } from 'vitest'

const steps = 100

class Adder extends Module {
  readonly head: Linear
  constructor(readonly layer: SequenceLayer<unknown>) {
    super()
    this.head = new Linear(layer.outputSize, 1, { rng: new Rng(4) })
  }
  forward(x: Tensor): Tensor {
    return this.head.forward(lastStep(this.layer.forward(x).output))
  }
}

/** The gradient at the first step in parts of that at the last, of each state, before training and after each step. */
function survival(layer: SequenceLayer<unknown>): Record<string, number>[] {
  const rows = Array.from(additionTask({ count: 160, steps, rng: new Rng(1) }))
  const model = new Adder(layer)
  const flow = new GradientFlow(model)
  const optimizer = new SGD(model.parameters(), { learningRate: 0.02 })
  const share = ({ state, norms }: LayerFlow) => [state, norms[0] / norms[steps - 1]]
  return Array.from({ length: 10 }, (_, i) => {
    const batch = rows.slice(16 * i, 16 * (i + 1))
    const x = stack(batch.map(({ input }) => input))
    const y = tensor(batch.map(({ target }) => [target]))
    const { value, layers } = flow.observe(() => valueAndGrad(model, () => meanSquaredError(model.forward(x), y)))
    clipGradNorm(value.grads, 1)
    optimizer.step(value.grads)
    return Object.fromEntries(layers.map(share)) as Record<string, number>
  })
}

test('a tanh network forgets on the way back', () => {
  for (const { hidden } of survival(elman(2, 16, { rng: new Rng(3) }))) expect(hidden).toBeLessThan(1e-3)
})

test('an LSTM keeps its gradient, the more so with a forget gate made for the lag', () => {
  const tanh = survival(elman(2, 16, { rng: new Rng(3) }))
  const plain = survival(lstm(2, 16, { rng: new Rng(3) }))
  expect(plain[0].cell).toBeGreaterThan(100 * tanh[0].hidden)
  // sigmoid(ln T) forgets a T-th a step (Tallec & Ollivier 2018, "Can recurrent neural networks warp time?", §2).
  const open = survival(lstm(2, 16, { rng: new Rng(3), forgetBias: Math.log(steps) }))
  open.forEach(({ cell, hidden }, step) => {
    expect(cell).toBeGreaterThan(0.3)
    expect(hidden).toBeGreaterThan(100 * tanh[step].hidden)
  })
})
