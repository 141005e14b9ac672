// How the tests train: a layer with a linear reading, Adam on new rows at every step.
import { valueAndGrad } from '@ostinato/autograd'
import { Linear, Module } from '@ostinato/nn'
import { Adam, clipGradNorm } from '@ostinato/optim'
import { lastStep, type SequenceLayer } from '@ostinato/rnn'
import { Rng, type Tensor } from '@ostinato/tensor'

/** A recurrent layer with a linear reading of its outputs. */
export class Reader extends Module {
  readonly layer: SequenceLayer<unknown>
  readonly head: Linear

  constructor(layer: SequenceLayer<unknown>, outputs: number, rng: Rng) {
    super()
    this.layer = layer
    this.head = new Linear(layer.outputSize, outputs, { rng })
  }

  /** After every step. */
  forward(x: Tensor): Tensor {
    return this.head.forward(this.layer.forward(x).output)
  }

  /** After the last step. */
  atEnd(x: Tensor): Tensor {
    return this.head.forward(lastStep(this.layer.forward(x).output))
  }
}

export interface Training {
  readonly steps: number
  readonly learningRate: number
}

/** Trains with Adam on new rows at every step, gradients clipped to a norm of 1. */
export function train(model: Module, loss: (rng: Rng) => Tensor, ...phases: readonly Training[]): void {
  const rng = new Rng(7)
  for (const { steps, learningRate } of phases) {
    const optimizer = new Adam(model.parameters(), { learningRate })
    for (let step = 0; step < steps; step++) {
      const { grads } = valueAndGrad(model, () => loss(rng))
      clipGradNorm(grads, 1)
      optimizer.step(grads)
    }
  }
}
