// What a trained network says of rows, and how often that is right.
import type { Dataset } from '@ostinato/datasets'
import { inputs, type Row } from './data.ts'
import type { Memory } from './model.ts'

/** Whether the first number of each row is positive, as the network says. */
export function predict(model: Memory, rows: readonly (readonly number[])[]): boolean[] {
  return Array.from(model.forward(inputs(rows)).data, (logit) => logit > 0)
}

/** The part of the rows on which the network is right. */
export function accuracy(model: Memory, rows: Dataset<Row>): number {
  const all = Array.from(rows)
  const positive = predict(model, all.map(({ values }) => values))
  return positive.filter((said, index) => said === (all[index].label === 1)).length / all.length
}
