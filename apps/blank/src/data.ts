// The data: rows of twelve random numbers, labelled by the sign of the first. It knows no network.
import { DataLoader, dataset, splitByRows, type Dataset } from '@ostinato/datasets'
import { Rng, tensor, type Tensor } from '@ostinato/tensor'

/** Numbers in a row. */
const time = 12

/** A row, and whether its first number is positive. */
export interface Row {
  readonly values: readonly number[]
  readonly label: 0 | 1
}

/** Rows as the network takes them. */
export interface Batch {
  /** `[batch, time, features=1]` */
  readonly x: Tensor
  /** `[batch]`, 0 or 1 */
  readonly y: Tensor
}

/** 1,024 rows in three parts that share none. */
export function loadRows({ seed }: { seed: number }): Record<'train' | 'validation' | 'test', Dataset<Row>> {
  const rng = new Rng(seed)
  const rows = Array.from({ length: 1024 }, (): Row => {
    const values = Array.from(rng.normal([time]).data)
    return { values, label: values[0] > 0 ? 1 : 0 }
  })
  return splitByRows(dataset(rows), { train: 'rest', validation: 128, test: 256 }, { rng })
}

/** The numbers of rows as the network takes them, `[batch, time, features=1]`. */
export const inputs = (rows: readonly (readonly number[])[]): Tensor => tensor(rows, { shape: [rows.length, time, 1] })

/** Puts rows together to a batch. */
function collate(rows: readonly Row[]): Batch {
  return {
    x: inputs(rows.map(({ values }) => values)),
    y: tensor(rows.map(({ label }) => label)),
  }
}

/** Serves rows in batches, in an order that the seed and the epoch decide. */
export function batches(rows: Dataset<Row>, { seed }: { seed: number }): DataLoader<Row, Batch> {
  return new DataLoader(rows, { batchSize: 32, seed, collate })
}
