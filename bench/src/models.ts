// The models of the workloads, as a user of the packages writes them. Not here: their sizes, and how they are timed.
import { valueAndGrad } from '@ostinato/autograd'
import { crossEntropy, Embedding, Linear, meanSquaredError, Module } from '@ostinato/nn'
import { Adam, SGD } from '@ostinato/optim'
import { gru, lstm, LstmCell, type Cell, type Stacked, type State } from '@ostinato/rnn'
import { reshape, Rng, tensor, Tensor } from '@ostinato/tensor'
import { makeBatch, type Batch, type Workload } from './workloads.ts'

/** Embedding where there are words, recurrent layers, one linear layer on the last state or on every step. */
class BenchModel extends Module {
  readonly embedding: Embedding | null
  readonly layers: Stacked<State>
  readonly head: Linear
  readonly everyStep: boolean

  constructor({ kind, task, vocabulary, features, hidden, layers, outputs }: Workload) {
    super()
    const rng = new Rng(1)
    this.embedding = vocabulary > 0 ? new Embedding(vocabulary, features, { rng }) : null
    const network = kind === 'gru' ? gru(features, hidden, { rng, layers }) : lstm(features, hidden, { rng, layers })
    this.layers = network
    this.head = new Linear(hidden, outputs, { rng })
    this.everyStep = task === 'language'
  }

  /** @returns logits or values: `[batch, outputs]`, or `[batch, time, outputs]` for a language model */
  forward(x: Tensor | Tensor<'int32'>, lengths?: Int32Array): Tensor {
    const input = this.embedding === null ? x as Tensor : this.embedding.forward(x as Tensor<'int32'>)
    const { output, state } = this.layers.forward(input, lengths && { lengths })
    const last = state[state.length - 1] as { readonly hidden: Tensor }
    return this.head.forward(this.everyStep ? output : last.hidden)
  }
}

/** What one step of a workload does; `train` gives the loss. */
export interface Job {
  train(): number
  infer(): void
}

/** A model on its one batch; with `lengths`, on sequences that are padded. */
export function makeJob(workload: Workload, lengths?: Int32Array): Job {
  const { optimizer: kind, learningRate } = workload
  const model = new BenchModel(workload)
  const batch = makeBatch(workload)
  const x = inputOf(workload, batch)
  const loss = lossOf(workload, batch)
  const optimizer = kind === 'adam' ? new Adam(model.namedParameters(), { learningRate }) : new SGD(model.namedParameters(), { learningRate })
  return {
    train() {
      const { value, grads } = valueAndGrad(model, () => loss(model.forward(x, lengths)))
      optimizer.step(grads)
      return value.item()
    },
    infer() {
      model.forward(x, lengths)
    },
  }
}

function inputOf({ vocabulary, features, time, batch }: Workload, data: Batch): Tensor | Tensor<'int32'> {
  return vocabulary > 0 ? new Tensor(data.ids, [batch, time], 'int32') : tensor(data.numbers, { shape: [batch, time, features] })
}

function lossOf({ task, batch, time }: Workload, data: Batch): (outputs: Tensor) => Tensor {
  if (task === 'regress') {
    const target = tensor(data.values)
    return outputs => meanSquaredError(reshape(outputs, [batch]), target)
  }
  const target = new Tensor(data.classes, task === 'classify' ? [batch] : [batch, time], 'int32')
  return outputs => crossEntropy(outputs, target)
}

/** A run of W5: one token at a time, each the likeliest after the one before. */
export function makeGenerator({ vocabulary, features, hidden, outputs }: Workload, steps: number): () => void {
  const rng = new Rng(1)
  const embedding = new Embedding(vocabulary, features, { rng })
  const cell = new LstmCell(features, hidden, { rng })
  const head = new Linear(hidden, outputs, { rng })
  return () => { generate({ embedding, cell, head }, steps) }
}

function generate<S extends State>(
  { embedding, cell, head }: { readonly embedding: Embedding; readonly cell: Cell<S>; readonly head: Linear },
  steps: number,
): void {
  const id = Int32Array.of(0)
  const ids = new Tensor(id, [1], 'int32')
  let state = cell.initialState(1)
  for (let i = 0; i < steps; i += 1) {
    const result = cell.step(embedding.forward(ids), state)
    state = result.state
    const { data } = head.forward(result.output)
    let best = 0
    for (let c = 1; c < data.length; c += 1) if (data[c] > data[best]) best = c
    id[0] = best
  }
}
