// An LSTM classifier that predicts and never trains: its weights travel as safetensors.
import { Linear, Module } from '@ostinato/nn'
import { lastStep, lstm } from '@ostinato/rnn'
import { decodeSafetensors, encodeSafetensors } from '@ostinato/safetensors'
import { Rng, softmax, type Tensor } from '@ostinato/tensor'

class Classifier extends Module {
  readonly encoder
  readonly head
  constructor(seed: number) {
    super()
    this.encoder = lstm(4, 8, { rng: new Rng(seed) })
    this.head = new Linear(8, 3, { rng: new Rng(seed + 1) })
  }

  forward(x: Tensor, lengths: readonly number[]): Tensor {
    return softmax(this.head.forward(lastStep(this.encoder.forward(x, { lengths }).output, { lengths })))
  }
}

const model = new Classifier(7)
model.loadState(decodeSafetensors(encodeSafetensors(new Classifier(1).state())).tensors)
const chances = model.forward(new Rng(3).normal([2, 5, 4]), [5, 3])

/** The chances of three classes for two rows. */
export const result: string = Array.from(chances.data, chance => chance.toFixed(3)).join(' ')
