// Loaders over the rows 0, 1, … for the tests of epochs, cursors and prefetching: a batch is a list of row numbers.
import { DataLoader, dataset, type DataLoaderOptions, type Dataset } from '@ostinato/datasets'
import fc from 'fast-check'

/** The rows 0, 1, … */
export const numbers = (count: number): Dataset<number> => dataset({ length: count, get: (i) => i })
export const asRows = (items: readonly number[]): number[] => [...items]

export type Options = Omit<DataLoaderOptions<number, number[]>, 'collate'>
export const loaderOf = (count: number, options: Options): DataLoader<number, number[]> =>
  new DataLoader(numbers(count), { collate: asRows, ...options })

const drawn = fc.record({
  count: fc.integer({ min: 1, max: 120 }),
  batchSize: fc.integer({ min: 1, max: 20 }),
  seed: fc.option(fc.nat(), { nil: undefined }),
  bucketSize: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  dropLast: fc.boolean(),
  epoch: fc.nat(4),
})

/** Sizes of data sets and options of loaders, shuffled or not, bucketed or not. */
export const setup = drawn
  .filter(({ count, batchSize, dropLast }) => !dropLast || count >= batchSize)
  .map(({ count, epoch, seed, bucketSize, ...rest }) => ({
    count,
    epoch,
    options: {
      ...rest,
      ...(seed === undefined ? {} : { seed }),
      ...(bucketSize === undefined ? {} : { bucketSize, bucketBy: (row: number) => (row * 7919) % 13 }),
    } satisfies Options,
  }))
