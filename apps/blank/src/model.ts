// The network: a GRU over the row, and one logit from its last step.
import { Linear, Module } from '@ostinato/nn'
import { gru, lastStep } from '@ostinato/rnn'
import { reshape, Rng, type Tensor } from '@ostinato/tensor'

/** Says whether the first number of a row is positive. */
export class Memory extends Module {
  readonly encoder
  readonly head

  constructor({ seed }: { seed: number }) {
    super()
    const rng = new Rng(seed)
    this.encoder = gru(1, 16, { rng })
    this.head = new Linear(16, 1, { rng })
  }

  /**
   * @param x `[batch, time, features=1]`
   * @returns logits `[batch]`
   */
  forward(x: Tensor): Tensor {
    return reshape(this.head.forward(lastStep(this.encoder.forward(x).output)), [-1])
  }
}
