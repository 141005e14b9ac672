// What the network has to beat: the most frequent class, and a linear model on TF-IDF bags of words.
import type { Dataset } from '@ostinato/datasets'
import { Adam, cosineDecay } from '@ostinato/optim'
import { Parameter, tensor, zeros } from '@ostinato/tensor'
import type { EncodedReview } from './data.ts'

/** The parts a baseline is fitted, tuned and judged on. */
export interface BaselineData {
  readonly train: Dataset<EncodedReview>
  readonly validation: Dataset<EncodedReview>
  readonly test: Dataset<EncodedReview>
}

/** The share of test reviews that are of the class most frequent in training. */
export function majorityAccuracy({ train, test }: Pick<BaselineData, 'train' | 'test'>): number {
  const positive = count(train, ({ label }) => label === 1)
  const majority = 2 * positive >= train.length ? 1 : 0
  return count(test, ({ label }) => label === majority) / test.length
}

/**
 * Sparse rows, one after the other: row `i` has the features and values from `starts[i]` to `starts[i + 1]`, of length
 * 1 together.
 */
interface SparseRows {
  readonly starts: Int32Array
  readonly features: Int32Array
  readonly values: Float32Array
  readonly labels: Float32Array
}

/** The weights of a linear model. */
interface LinearModel {
  readonly weights: Parameter
  readonly bias: Parameter
}

/**
 * The test accuracy of logistic regression on TF-IDF bags of words: `(1 + ln tf) (1 + ln((1 + n) / (1 + df)))`, rows
 * of unit
 * length (Salton & Buckley 1988), fitted on all rows at once by Adam; the strength of the L2 penalty is chosen on the
 * validation
 * reviews.
 */
export function linearAccuracy(
  { train, validation, test }: BaselineData,
  { vocabularySize }: { readonly vocabularySize: number },
): number {
  const weigh = inverseFrequencies(train, vocabularySize)
  const [trainRows, validationRows, testRows] = [train, validation, test].map((part) => toRows(part, weigh))
  const model: LinearModel = { weights: new Parameter(zeros([vocabularySize])), bias: new Parameter(zeros([1])) }
  let best = { validation: -1, test: 0 }
  // From strong to weak: each fit starts from the one before.
  for (const penalty of [1e-4, 5e-5, 2.5e-5, 1.2e-5, 6e-6]) {
    fitLogistic(model, trainRows, penalty)
    const score = accuracy(model, validationRows)
    if (score > best.validation) best = { validation: score, test: accuracy(model, testRows) }
  }
  return best.test
}

function inverseFrequencies(train: Dataset<EncodedReview>, vocabularySize: number): Float64Array {
  const documents = new Float64Array(vocabularySize)
  for (const { ids } of train) for (const id of new Set(ids)) documents[id]++
  return documents.map((n) => 1 + Math.log((1 + train.length) / (1 + n)))
}

function toRows(reviews: Dataset<EncodedReview>, weigh: Float64Array): SparseRows {
  const rows = Array.from(reviews, ({ ids, label }) => {
    const counts = new Map<number, number>()
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
    const values = Float64Array.from(counts, ([id, n]) => (1 + Math.log(n)) * weigh[id])
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) || 1
    return { features: [...counts.keys()], values: values.map((value) => value / length), label }
  })
  const starts = Int32Array.from({ length: rows.length + 1 }, () => 0)
  rows.forEach(({ features }, i) => {
    starts[i + 1] = starts[i] + features.length
  })
  const [features, values] = [new Int32Array(starts[rows.length]), new Float32Array(starts[rows.length])]
  rows.forEach((row, i) => {
    features.set(row.features, starts[i])
    values.set(row.values, starts[i])
  })
  return { starts, features, values, labels: Float32Array.from(rows, ({ label }) => label) }
}

/** Goes on from where the model stands, by the gradient of `mean cross-entropy + penalty / 2 |w|²`. */
function fitLogistic({ weights, bias }: LinearModel, rows: SparseRows, penalty: number, steps = 60): void {
  const optimizer = new Adam([weights, bias], { learningRate: cosineDecay(0.2, { steps }) })
  const { starts, features, values, labels } = rows
  const count = labels.length
  for (let step = 0; step < steps; step++) {
    const gradient = weights.data.map((weight) => penalty * weight)
    let biasGradient = 0
    for (let row = 0; row < count; row++) {
      const slope = (1 / (1 + Math.exp(-logit({ weights, bias }, rows, row))) - labels[row]) / count
      for (let i = starts[row]; i < starts[row + 1]; i++) gradient[features[i]] += slope * values[i]
      biasGradient += slope
    }
    optimizer.step(
      new Map([
        [weights, tensor(gradient)],
        [bias, tensor([biasGradient])],
      ]),
    )
  }
}

function logit(
  { weights: { data: weights }, bias }: LinearModel,
  { starts, features, values }: SparseRows,
  row: number,
): number {
  let sum = bias.data[0]
  for (let i = starts[row]; i < starts[row + 1]; i++) sum += weights[features[i]] * values[i]
  return sum
}

function accuracy(model: LinearModel, rows: SparseRows): number {
  let right = 0
  for (let row = 0; row < rows.labels.length; row++)
    if (logit(model, rows, row) > 0 === (rows.labels[row] === 1)) right++
  return right / rows.labels.length
}

function count<T>(rows: Iterable<T>, test: (row: T) => boolean): number {
  let n = 0
  for (const row of rows) if (test(row)) n++
  return n
}
