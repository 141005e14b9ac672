// A model as a table of text. Pure: it prints nothing.
import { formatShape, type Parameter } from '@ostinato/tensor'
import type { Module } from './module.ts'
import { isRunningStatistic } from './running-statistic.ts'

const number = (n: number) => String(n).replace(/\B(?=(\d{3})+$)/g, ',')

const noteOf = (parameter: Parameter) =>
  isRunningStatistic(parameter) ? 'running statistic' : parameter.trainable ? '' : 'frozen'

const totalOf = (parameters: readonly Parameter[]) => parameters.reduce((total, { size }) => total + size, 0)

/**
 * The parameters of `model` as a table: name, shape, number of values, and whether it is frozen or a running statistic;
 * at the end the totals. Each parameter counts once, however often it is used.
 *
 * @example
 * ```ts
 * import { Linear, summary } from '@ostinato/nn'
 * import { Rng } from '@ostinato/tensor'
 * const table = summary(new Linear(64, 32, { rng: new Rng(0) }))
 * console.assert(table.includes('weight  [32, 64]  2,048') && table.endsWith('2,080 values, 2,080 trainable'))
 * ```
 */
export function summary(model: Module): string {
  const named = [...model.namedParameters()]
  const rows = named.map(([name, parameter]) =>
    [name, formatShape(parameter.shape), number(parameter.size), noteOf(parameter)])
  const width = (column: number) => Math.max(0, ...rows.map((row) => row[column].length))
  const [names, shapes, sizes] = [width(0), width(1), width(2)]
  const lines = rows.map(([name, shape, size, note]) =>
    `  ${name.padEnd(names)}  ${shape.padEnd(shapes)}  ${size.padStart(sizes)}  ${note}`.trimEnd())
  const all = named.map(([, parameter]) => parameter)
  const trainable = totalOf(all.filter((parameter) => parameter.trainable))
  return [model.constructor.name, ...lines, `${number(totalOf(all))} values, ${number(trainable)} trainable`].join('\n')
}
