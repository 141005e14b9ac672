// Small whole programs, as text: what a user who needs only a part of the packages would bundle. Their sizes are held
// to a budget, and the training one is what a cold start runs.

/** A program and the bytes that its bundle may have, minified and compressed by gzip: no more than it had before. */
export interface Sized {
  readonly name: string
  readonly budget: number
  readonly source: string
}

const tokenizers = `
import { WordTokenizer } from '@ostinato/tokenizers'
const tokenizer = WordTokenizer.train(['a first text', 'a second one'])
console.log(tokenizer.encode('a second text'))
`

const inference = `
import { Embedding, Linear, Module } from '@ostinato/nn'
import { lstm } from '@ostinato/rnn'
import { Rng, softmax, tensor } from '@ostinato/tensor'
class Classifier extends Module {
  embedding = new Embedding(100, 16, { rng: new Rng(0) })
  lstm = lstm(16, 32, { rng: new Rng(1) })
  head = new Linear(32, 2, { rng: new Rng(2) })
  forward(ids, lengths) {
    const { state } = this.lstm.forward(this.embedding.forward(ids), { lengths })
    return softmax(this.head.forward(state.hidden))
  }
}
const ids = tensor([[1, 2, 3], [4, 5, 0]], { dtype: 'int32' })
console.log(new Classifier().forward(ids, [3, 2]).toArray())
`

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

export const programs: readonly Sized[] = [
  { name: 'tokenizers only', budget: 2_500, source: tokenizers },
  { name: 'an LSTM classifier, inference only, kernels included', budget: 34_000, source: inference },
  { name: 'training: GRU, autograd, optimizer', budget: 46_000, source: training },
]
