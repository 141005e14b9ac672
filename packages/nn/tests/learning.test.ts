// The parts together, without an optimizer: a small network learns what no linear one can.
import { valueAndGrad } from '@ostinato/autograd'
import { Rng, sigmoid, tanh, tensor } from '@ostinato/tensor'
import { expect, test } from 'vitest'
import { binaryCrossEntropyWithLogits, Linear, Sequential } from '@ostinato/nn'

test.each([0, 1, 2])('XOR by gradient steps written by hand, seed %d', (seed) => {
  const rng = new Rng(seed)
  const model = new Sequential(new Linear(2, 8, { rng }), tanh, new Linear(8, 1, { rng }))
  const x = tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
  const answers = tensor([[0], [1], [1], [0]])
  const step = () => {
    const { value, grads } = valueAndGrad(model, () => binaryCrossEntropyWithLogits(model.forward(x), answers))
    for (const parameter of model.parameters()) {
      const slope = grads.get(parameter)?.data ?? []
      parameter.update((data) => slope.forEach((g, i) => (data[i] -= 0.5 * g)))
    }
    return value.item()
  }
  // Answers that are right half of the time: ln 2 = 0.69.
  expect(step()).toBeGreaterThan(0.6)
  let loss = Infinity
  for (let i = 0; i < 1000; i++) loss = step()
  expect(loss).toBeLessThan(0.05)
  expect(Array.from(sigmoid(model.forward(x)).data, Math.round)).toEqual([0, 1, 1, 0])
})
