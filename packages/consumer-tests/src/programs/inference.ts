// An LSTM classifier that predicts and never trains: its weights travel as safetensors.
import { Linear, Module } from '@ostinato/nn'
import { lastStep, lstm } from '@ostinato/rnn'
import { decodeSafetensors, encodeSafetensors } from '@ostinato/safetensors'
import { Rng, softmax, tensor, type Tensor } from '@ostinato/tensor'

/** Two features a step, three classes. */
export class Classifier extends Module {
  readonly encoder
  readonly head
  constructor(seed: number) {
    super()
    this.encoder = lstm(2, 4, { rng: new Rng(seed) })
    this.head = new Linear(4, 3, { rng: new Rng(seed + 1) })
  }

  /** The chances `[batch, classes]` of rows `[batch, time, features]`. */
  forward(x: Tensor, lengths: readonly number[]): Tensor {
    return softmax(this.head.forward(lastStep(this.encoder.forward(x, { lengths }).output, { lengths })))
  }
}

const model = new Classifier(7)
model.loadState(decodeSafetensors(encodeSafetensors(new Classifier(1).state())).tensors)
const waves = tensor(Float32Array.from({ length: 20 }, (_, i) => Math.sin(i)), { shape: [2, 5, 2] })
const chances = model.forward(waves, [5, 3])

/** The chances of three classes for two rows. */
export const result: string = Array.from(chances.data, chance => chance.toFixed(3)).join(' ')
