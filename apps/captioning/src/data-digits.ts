// The digits of MNIST that the package `mnist` has: 10,000 of the 70,000. No network.
import { dataset, splitStratified, type Dataset } from '@ostinato/datasets'
import { Rng } from '@ostinato/tensor'
import { readDataFile } from './data-packages.ts'
import { CommandError } from './errors.ts'

/** One digit. */
export interface DigitRow {
  /** `[28, 28]`: 0 where there is no ink, 1 where there is most. Part of a larger array: do not change it. */
  readonly pixels: Float32Array
  /** 0 to 9. */
  readonly label: number
}

/** The digits in two parts, each with its share of every digit. */
export interface Digits {
  readonly train: Dataset<DigitRow>
  readonly test: Dataset<DigitRow>
  readonly size: 28
  readonly citation: string
}

const size = 28
const area = size * size
const count = 10_000

/**
 * The digits, a fifth of them for the test.
 * @throws CommandError when the data is not installed or not as expected
 */
export async function readDigits({ seed }: { readonly seed: number }): Promise<Digits> {
  const files = Array.from({ length: 10 }, (_, label) => readDataFile(`mnist/src/digits/${label}.json`))
  const rows = (await Promise.all(files)).flatMap((file, label) => {
    // A file has all values of its digit in one row, from 0 to 1.
    const { data } = file as { readonly data: readonly number[] }
    const pixels = Float32Array.from(data)
    return Array.from({ length: Math.floor(pixels.length / area) }, (_, i): DigitRow => {
      return { pixels: pixels.subarray(i * area, (i + 1) * area), label }
    })
  })
  if (rows.length !== count || rows.some(({ pixels }) => pixels.some((value) => !(value >= 0 && value <= 1)))) {
    throw new CommandError(`expected ${count} digits of values from 0 to 1, got ${rows.length} digits or other values: is mnist of another version?`)
  }
  const { train, test } = splitStratified(
    dataset(rows),
    { train: 'rest', test: 0.2 },
    { label: ({ label }) => label, rng: new Rng(seed) },
  )
  const citation =
    'Yann LeCun, Léon Bottou, Yoshua Bengio, and Patrick Haffner. 1998. Gradient-based learning applied to document recognition. Proceedings of the IEEE 86(11).'
  return { train, test, size, citation }
}
