// How long a step takes over 1.3 million float32 parameters, about those of an embedding of 20,000 words in 64 numbers:
// npx vitest bench --run. Not a test: it asserts nothing.
import { Adadelta, Adagrad, Adam, Adamax, AdamW, clipGradNorm, NAdam, RAdam, RMSprop, SGD } from '@ostinato/optim'
import { Parameter, tensor } from '@ostinato/tensor'
import { bench } from 'vitest'

const count = 1_300_000
const values = (scale: number) => Float32Array.from({ length: count }, (_, i) => scale * Math.sin(i))
const parameter = () => new Parameter(tensor(values(1)))
const gradient = tensor(values(1e-2))

const parameters = Array.from({ length: 10 }, parameter)
const [a, b, c, d, e, f, g, h, i, j] = parameters
const optimizers = {
  'SGD': new SGD([a]),
  'SGD, momentum': new SGD([b], { momentum: 0.9 }),
  'RMSprop': new RMSprop([c]),
  'Adam': new Adam([d]),
  'AdamW': new AdamW([e]),
  'Adagrad': new Adagrad([f]),
  'Adadelta': new Adadelta([g]),
  'NAdam': new NAdam([h]),
  'RAdam': new RAdam([i]),
  'Adamax': new Adamax([j]),
}
Object.entries(optimizers).forEach(([name, optimizer], index) => {
  const grads = new Map([[parameters[index], gradient]])
  bench(name, () => optimizer.step(grads), { time: 400, warmupTime: 200 })
})

const grads = new Map([[a, gradient]])
bench('clipGradNorm, nothing to clip', () => void clipGradNorm(grads, 1e9), { time: 300, warmupTime: 100 })
