// The gradients of every layer and loss against central differences, in float64.
import { checkGradients } from '@ostinato/autograd'
import { logSoftmax, Rng, tensor, withTraining, type Tensor } from '@ostinato/tensor'
import { describe, test } from 'vitest'
import {
  BatchNorm1d, BatchNorm2d, binaryCrossEntropyWithLogits, crossEntropy, ctcLoss, Dropout, Embedding, huber, LayerNorm,
  Linear, meanAbsoluteError, meanSquaredError, MultiHeadAttention, Sequential, type Module, type Reduction,
} from '@ostinato/nn'

type Double = Tensor<'float64'>

const double = { dtype: 'float64' } as const
const rng = new Rng(21)
const normal = (...shape: number[]) => rng.normal(shape, double)
const ids = (values: number[] | number[][]) => tensor(values, { dtype: 'int32' })

/** Checks the gradients with respect to `inputs` and to the trainable parameters of `model`. */
function checkModel(model: Module, inputs: readonly Double[], run: () => Tensor, { secondOrder = true } = {}): void {
  const trainable = [...model.parameters()].filter((parameter) => parameter.trainable)
  for (const parameter of trainable) parameter.assign(rng.normal(parameter.shape, double))
  checkGradients(run, [...inputs, ...trainable as Tensor[] as Double[]], { secondOrder })
}

describe('layers', () => {
  test('Linear', () => {
    const layer = new Linear(4, 3, { rng, ...double })
    const x = normal(2, 3, 4)
    checkModel(layer, [x], () => layer.forward(x))
  })

  test('Embedding, the padding row left out', () => {
    const table = new Embedding(4, 3, { rng, ...double })
    checkModel(table, [], () => table.forward(ids([[1, 3], [3, 3]])))
    const padded = new Embedding(4, 3, { rng, ...double, paddingId: 0 })
    checkModel(padded, [], () => padded.forward(ids([[1, 3], [3, 2]])))
  })

  test('Dropout', () => {
    const dropout = new Dropout(0.4, { rng: new Rng(2) })
    const x = normal(3, 4)
    const state = dropout.rng.state()
    checkModel(dropout, [x], () => {
      dropout.rng.restore(state)
      return dropout.forward(x)
    })
  })

  test.each([[[4]], [[3, 4]]])('LayerNorm over %j', (shape) => {
    const norm = new LayerNorm(shape, double)
    const x = normal(2, 3, 4)
    checkModel(norm, [x], () => norm.forward(x))
  })

  test('BatchNorm, by the batch and by the running statistics', () => {
    const flat = new BatchNorm1d(3, double)
    const x = normal(4, 3)
    checkModel(flat, [x], () => flat.forward(x))
    const steps = normal(2, 3, 4)
    checkModel(flat, [steps], () => flat.forward(steps))
    checkModel(flat, [x], () => withTraining(false, () => flat.forward(x)))
    const images = new BatchNorm2d(2, double)
    const image = normal(2, 2, 2, 3)
    checkModel(images, [image], () => images.forward(image))
  })

  test('Sequential', () => {
    const options = { rng, ...double }
    const model = new Sequential(new Linear(3, 4, options), (y) => logSoftmax(y), new Linear(4, 2, options))
    const x = normal(2, 3)
    checkModel(model, [x], () => model.forward(x))
  })

  test('MultiHeadAttention, with mask and lengths, its weights too', () => {
    const attention = new MultiHeadAttention(4, 2, { rng, ...double })
    const [query, key, value] = [normal(2, 3, 4), normal(2, 2, 4), normal(2, 2, 4)]
    const options = { mask: tensor([[true, false], [true, true], [false, true]]), keyLengths: [2, 1] }
    const attend = () => attention.forward(query, key, value, options)
    checkModel(attention, [query, key, value], () => attend().output, { secondOrder: false })
    checkModel(attention, [query], () => attention.forward(query).output, { secondOrder: false })
    checkGradients(() => attend().weights, [query, key])
  })
})

describe.each<Reduction>(['mean', 'sum', 'none'])('losses, reduction %s', (reduction) => {
  const targets = ids([[2, 0, 9], [1, 9, 3]])

  test('crossEntropy', () => {
    const logits = normal(2, 3, 4)
    const weights = tensor([0.5, 2, 1, 0.25], double)
    for (const options of [{}, { labelSmoothing: 0.2 }, { weights }, { weights, labelSmoothing: 0.2 }]) {
      const loss = () => crossEntropy(logits, targets, { ...options, ignoreId: 9, reduction })
      checkGradients(loss, [logits], { secondOrder: true })
    }
  })

  test('binaryCrossEntropyWithLogits, at 0 too', () => {
    const logits = tensor([[0, -3, 2], [0.5, 8, -20]], double)
    const answers = tensor([[1, 0, 0.3], [0, 1, 1]], double)
    const shares = tensor([[0.9, 0.1, 0.3], [0.5, 0.6, 0.2]], double)
    const options = { weights: tensor([[2], [0.5]], double), positiveWeight: tensor([3, 1, 0.5], double), reduction }
    checkGradients(() => binaryCrossEntropyWithLogits(logits, answers, { reduction }), [logits], { secondOrder: true })
    checkGradients(() => binaryCrossEntropyWithLogits(logits, answers, options), [logits], { secondOrder: true })
    checkGradients(() => binaryCrossEntropyWithLogits(logits, shares, options), [logits, shares], { secondOrder: true })
  })

  test('losses between numbers', () => {
    const [a, b] = [normal(3, 2), normal(3, 2)]
    for (const loss of [meanSquaredError, meanAbsoluteError, huber]) {
      checkGradients(() => loss(a, b, { reduction }), [a, b], { secondOrder: true })
    }
    checkGradients(() => huber(a, b, { delta: 0.3, reduction }), [a, b])
  })

  test('ctcLoss', () => {
    const x = normal(6, 3, 4)
    const labels = ids([[1, 1, 2], [3, 0, 0], [0, 0, 0]])
    const options = { inputLengths: [6, 4, 2], targetLengths: [3, 1, 0], reduction }
    // Not normalised: the gradient is that of the formula, whatever the values are.
    checkGradients(() => ctcLoss(x, labels, options), [x])
    checkGradients(() => ctcLoss(logSoftmax(x), labels, options), [x])
  })
})
