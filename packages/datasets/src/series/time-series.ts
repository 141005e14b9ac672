// A time series: a target with its times, and covariates known ahead or only as far as the target. It never changes.
// Cutting into training and test is the business of folds.ts.
import { fail, failIfAny, isCount, show } from '../errors.ts'

/** Named covariates, one value a step. */
export type Covariates = Readonly<Record<string, ArrayLike<number>>>

/** What a series is made of. */
export interface TimeSeriesOptions {
  /** What tables and errors call it. Default `'series'`. */
  readonly name?: string
  /**
   * When each step is: milliseconds since 1970, UTC, or dates; strictly rising. May reach further than the values, by
   * as many steps as are to be predicted.
   */
  readonly times: ArrayLike<number | Date>
  /** The target, one value a step, oldest first: `[time]`. */
  readonly values: ArrayLike<number>
  /** Covariates that are known ahead, such as the calendar: one value for each of `times`. */
  readonly known?: Covariates
  /** Covariates that are known only when the target is, such as a volume: one value for each of `values`. */
  readonly observed?: Covariates
}

/**
 * A series with its covariates. It is a `History` for the forecasters of `@ostinato/forecasting`.
 *
 * @example
 * ```ts
 * import { TimeSeries } from '@ostinato/datasets/series'
 * const day = 24 * 60 * 60 * 1000
 * const sales = new TimeSeries({
 *   name: 'sales',
 *   times: [0, day, 2 * day, 3 * day], // a day further than the values
 *   values: [3, 5, 4],
 *   known: { promotion: [0, 1, 0, 1] },
 *   observed: { visitors: [30, 41, 38] },
 * })
 * console.assert(sales.length === 3 && sales.ahead === 1)
 * console.assert(sales.until(2).values.join() === '3,5' && sales.until(2).known[0].length === 2)
 * ```
 */
export class TimeSeries {
  readonly name: string
  /** Milliseconds since 1970, UTC: `[time + ahead]`. */
  readonly times: Float64Array
  /** The target: `[time]`. */
  readonly values: Float64Array
  readonly knownNames: readonly string[]
  /** In the order of `knownNames`, each `[time + ahead]`. */
  readonly known: readonly Float64Array[]
  readonly observedNames: readonly string[]
  /** In the order of `observedNames`, each `[time]`. */
  readonly observed: readonly Float64Array[]

  /** @throws DatasetError with every fault: lengths, times out of order, values that are not finite */
  constructor({ name = 'series', times, values, known = {}, observed = {} }: TimeSeriesOptions) {
    this.name = name
    this.times = Float64Array.from(times as ArrayLike<number>, (time: number | Date) => Number(time))
    this.values = Float64Array.from(values)
    this.knownNames = Object.keys(known)
    this.known = Object.values(known).map((list) => Float64Array.from(list))
    this.observedNames = Object.keys(observed)
    this.observed = Object.values(observed).map((list) => Float64Array.from(list))
    failIfAny('TimeSeries', faultsOf(this))
    Object.freeze(this)
  }

  /** Steps with a value. */
  get length(): number {
    return this.values.length
  }

  /** Steps after the last value of which the time and the known covariates are given. */
  get ahead(): number {
    return this.times.length - this.values.length
  }

  /**
   * What is known after step `end - 1`, and nothing of later steps but what is known ahead: values and observed
   * covariates of steps 0 to `end - 1`, times and known covariates for `ahead` steps more. Copies nothing.
   *
   * @throws DatasetError when the series does not reach so far
   */
  until(end: number, { ahead = 0 }: { readonly ahead?: number } = {}): TimeSeries {
    return this.slice(0, end, { ahead })
  }

  /**
   * Steps `from` to `end - 1`, with times and known covariates for `ahead` steps more. Copies nothing.
   * @throws DatasetError when the series does not reach so far
   */
  slice(from: number, end: number, { ahead = 0 }: { readonly ahead?: number } = {}): TimeSeries {
    failIfAny('TimeSeries.slice', [
      ...(isCount(from) && isCount(end, from) && end <= this.length
        ? []
        : [`expected steps from 0 to ${this.length} in order, got ${show(from)} to ${show(end)}`]),
      ...(isCount(ahead) && end + ahead <= this.times.length
        ? []
        : [`expected at most ${this.times.length - end} steps ahead of step ${show(end)}, got ${show(ahead)}: extend() gives more`]),
    ])
    return derive(this, {
      times: this.times.subarray(from, end + ahead),
      values: this.values.subarray(from, end),
      known: this.known.map((list) => list.subarray(from, end + ahead)),
      observed: this.observed.map((list) => list.subarray(from, end)),
    })
  }

  /**
   * The series with more covariates that are known ahead, computed from the times alone: what could leak is not at
   * hand.
   *
   * @param features the covariates of the given times, as `calendarFeatures` makes them
   * @throws DatasetError when a name is taken, or a covariate has not one finite value for each time
   */
  withKnown(features: (times: Float64Array) => Covariates): TimeSeries {
    const added = Object.entries(features(this.times)).map(([name, list]) => [name, Float64Array.from(list)] as const)
    const names = [...this.knownNames, ...added.map(([name]) => name)]
    const repeated = names.filter((name, i) => names.indexOf(name) < i)
    failIfAny('TimeSeries.withKnown', [
      ...repeated.map((name) => `expected a new name for each covariate, got '${name}' again`),
      ...added.flatMap(([name, list]) => listFaults(`covariate '${name}'`, list, this.times.length)),
    ])
    return derive(this, { knownNames: names, known: [...this.known, ...added.map(([, list]) => list)] })
  }

  /**
   * The series with `count` more times to predict, as `nextTimes` goes on. Covariates that are known ahead must be
   * added afterwards: nobody else knows them.
   * @throws DatasetError when there are known covariates already
   */
  extend(count: number): TimeSeries {
    if (this.known.length > 0) {
      fail('TimeSeries.extend', `expected a series without known covariates, got ${this.knownNames.join(', ')}: extend it first, then withKnown()`)
    }
    return derive(this, { times: Float64Array.from([...this.times, ...nextTimes(this.times, count)]) })
  }
}

type Parts = Pick<TimeSeries, 'name' | 'times' | 'values' | 'knownNames' | 'known' | 'observedNames' | 'observed'>

/** A series of parts that are known to be good: nothing is copied or checked again. */
function derive(from: TimeSeries, parts: Partial<Parts>): TimeSeries {
  const { name, times, values, knownNames, known, observedNames, observed } = from
  const all: Parts = { name, times, values, knownNames, known, observedNames, observed, ...parts }
  return Object.freeze(Object.assign(Object.create(TimeSeries.prototype) as TimeSeries, all))
}

function faultsOf({ times, values, known, knownNames, observed, observedNames }: Parts): string[] {
  const unordered = times.findIndex((time, i) => i > 0 && !(time > times[i - 1]))
  const rising = () =>
    `expected times that strictly rise, got ${show(times[unordered])} after ${show(times[unordered - 1])} in step ${unordered}: sort the rows and drop repeated ones`
  return [
    ...(values.length > 0 ? [] : ['expected at least one value, got none']),
    ...(times.length >= values.length ? [] : [`expected a time for each of ${values.length} values, got ${times.length}`]),
    ...listFaults('times', times, times.length),
    ...(unordered < 0 ? [] : [rising()]),
    ...listFaults('values', values, values.length),
    ...known.flatMap((list, i) => listFaults(`known covariate '${knownNames[i]}'`, list, times.length)),
    ...observed.flatMap((list, i) => listFaults(`observed covariate '${observedNames[i]}'`, list, values.length)),
  ]
}

function listFaults(name: string, list: Float64Array, length: number): string[] {
  if (list.length !== length) return [`expected ${length} values of ${name}, got ${list.length}`]
  const bad = list.findIndex((value) => !Number.isFinite(value))
  return bad < 0 ? [] : [`expected finite ${name}, got ${show(list[bad])} in step ${bad}: fill or drop it`]
}

const day = 24 * 60 * 60 * 1000

const isWeekend = (time: number) => [0, 6].includes(new Date(time).getUTCDay())

/**
 * The `count` times that follow: in the usual step of the last times (their median), leaving out weekends where a daily
 * series has none, as that of a stock exchange. Holidays are not left out.
 *
 * @throws DatasetError when there are fewer than two times, or `count` is no whole number
 * @example
 * ```ts
 * import { nextTimes } from '@ostinato/datasets/series'
 * const [from, week] = [Date.UTC(2024, 0, 1), 7 * 24 * 60 * 60 * 1000] // a Monday
 * const trading = Float64Array.from({ length: 10 }, (_, i) => from + Math.floor(i / 5) * week + (i % 5) * (week / 7))
 * const [monday] = nextTimes(trading, 1)
 * console.assert(new Date(monday).toISOString().startsWith('2024-01-15'))
 * ```
 */
export function nextTimes(times: Float64Array, count: number): Float64Array {
  failIfAny('nextTimes', [
    ...(times.length > 1 ? [] : [`expected two times or more to tell the step from, got ${times.length}`]),
    ...(isCount(count) ? [] : [`expected a whole number of steps, got ${show(count)}`]),
  ])
  const recent = times.subarray(-100)
  const steps = Float64Array.from(recent.subarray(1), (time, i) => time - recent[i]).sort()
  const step = steps[Math.floor(steps.length / 2)]
  const skipsWeekends = step === day && recent.length >= 7 && !recent.some(isWeekend)
  const following = new Float64Array(count)
  let time = times[times.length - 1]
  for (let i = 0; i < count; i++) {
    do time += step
    while (skipsWeekends && isWeekend(time))
    following[i] = time
  }
  return following
}
