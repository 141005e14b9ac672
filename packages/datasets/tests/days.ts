// A series of days for tests, with a covariate of each kind.
import { TimeSeries } from '@ostinato/datasets/series'

export const day = 24 * 60 * 60 * 1000

/** Days from 2000-01-01 with an observed covariate and one known ahead. */
export function days(values: readonly number[], ahead = 0): TimeSeries {
  const times = Array.from({ length: values.length + ahead }, (_, i) => Date.UTC(2000, 0, 1) + i * day)
  return new TimeSeries({
    times,
    values,
    known: { step: times.map((_, i) => i) },
    observed: { twice: values.map((value) => 2 * value) },
  })
}
