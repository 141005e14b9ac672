// What the network has to beat: the most frequent class, and a linear model on TF-IDF bags of words.
import type { Dataset } from '@ostinato/datasets'
import { Rng } from '@ostinato/tensor'
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

/** A sparse row: which features, how much of each; of length 1 together. */
interface Row {
  readonly features: Int32Array
  readonly values: Float64Array
  readonly label: 0 | 1
}

/**
 * The test accuracy of logistic regression on TF-IDF bags of words: `(1 + ln tf) (1 + ln((1 + n) / (1 + df)))`, rows of unit
 * length (Salton & Buckley 1988), fitted by AdaGrad (Duchi et al. 2011); the strength of the L2 penalty is chosen on the
 * validation reviews.
 */
export function linearAccuracy({ train, validation, test }: BaselineData, { vocabularySize, seed }: { readonly vocabularySize: number; readonly seed: number }): number {
  const weigh = inverseFrequencies(train, vocabularySize)
  const [trainRows, validationRows, testRows] = [train, validation, test].map((part) => Array.from(part, (review) => toRow(review, weigh)))
  let best = { validation: -1, test: 0 }
  for (const penalty of [1e-6, 3e-6, 1e-5, 3e-5]) {
    const predict = fitLogistic(trainRows, { vocabularySize, seed, penalty, epochs: 12 })
    const score = accuracy(predict, validationRows)
    if (score > best.validation) best = { validation: score, test: accuracy(predict, testRows) }
  }
  return best.test
}

function inverseFrequencies(train: Dataset<EncodedReview>, vocabularySize: number): Float64Array {
  const documents = new Float64Array(vocabularySize)
  for (const { ids } of train) for (const id of new Set(ids)) documents[id]++
  return documents.map((n) => 1 + Math.log((1 + train.length) / (1 + n)))
}

function toRow({ ids, label }: EncodedReview, weigh: Float64Array): Row {
  const counts = new Map<number, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  const features = Int32Array.from(counts.keys())
  const values = Float64Array.from(counts, ([id, n]) => (1 + Math.log(n)) * weigh[id])
  const length = Math.hypot(...values) || 1
  return { features, values: values.map((value) => value / length), label }
}

function fitLogistic(
  rows: readonly Row[],
  { vocabularySize, seed, penalty, epochs }: { readonly vocabularySize: number; readonly seed: number; readonly penalty: number; readonly epochs: number },
): (row: Row) => number {
  const weights = new Float64Array(vocabularySize)
  const squares = new Float64Array(vocabularySize)
  let bias = 0
  const predict = ({ features, values }: Row) => {
    let sum = bias
    for (let i = 0; i < features.length; i++) sum += weights[features[i]] * values[i]
    return sum
  }
  const rng = new Rng(seed)
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const at of rng.permutation(rows.length)) {
      const { features, values, label } = rows[at]
      const slope = 1 / (1 + Math.exp(-predict(rows[at]))) - label
      for (let i = 0; i < features.length; i++) {
        const f = features[i]
        const gradient = slope * values[i] + penalty * weights[f]
        squares[f] += gradient * gradient
        weights[f] -= (0.5 * gradient) / (Math.sqrt(squares[f]) + 1e-8)
      }
      bias -= 0.01 * slope
    }
  }
  return predict
}

const accuracy = (predict: (row: Row) => number, rows: readonly Row[]) => rows.filter((row) => predict(row) > 0 === (row.label === 1)).length / rows.length

function count<T>(rows: Iterable<T>, test: (row: T) => boolean): number {
  let n = 0
  for (const row of rows) if (test(row)) n++
  return n
}
