// Options with their defaults and ranges, and the one function that reads them. Knows no optimizer. Fields are made
// without side effects, so that those of optimizers that are not imported leave nothing in a bundle.
import { show, throwFaults } from './faults.ts'
import type { Schedule } from './schedules/schedule.ts'

/** One option: what it is when absent, and what it may be. */
export interface Field<T> {
  /** Undefined: the option must be given. */
  readonly byDefault: T | undefined
  /** The allowed values in words, after "expected learningRate to be". */
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
const isFraction = (value: unknown) => isNumber(value) && value >= 0 && value < 1
const isPositive = (value: unknown) => isNumber(value) && value > 0 && value < Infinity
const isRate = (value: unknown) => isNumber(value) && value >= 0 && value < Infinity

/** A finite number of 0 or more. */
/* @__NO_SIDE_EFFECTS__ */
export function nonNegative(byDefault?: number): Field<number> {
  return { byDefault, expected: 'a finite number of 0 or more', accepts: isRate }
}

/** A finite number above 0. */
/* @__NO_SIDE_EFFECTS__ */
export function positive(byDefault?: number): Field<number> {
  return { byDefault, expected: 'a finite number above 0', accepts: isPositive }
}

/** A number from 0 to below 1, such as a decay. */
/* @__NO_SIDE_EFFECTS__ */
export function fraction(byDefault: number): Field<number> {
  return { byDefault, expected: 'a number from 0 to below 1', accepts: isFraction }
}

/** Two numbers from 0 to below 1. */
/* @__NO_SIDE_EFFECTS__ */
export function fractions(byDefault: readonly [number, number]): Field<readonly [number, number]> {
  const accepts = (value: unknown) => Array.isArray(value) && value.length === 2 && value.every(isFraction)
  return { byDefault, expected: 'two numbers from 0 to below 1', accepts }
}

/** A whole number of `least` or more. */
/* @__NO_SIDE_EFFECTS__ */
export function whole(least: number, byDefault?: number): Field<number> {
  const accepts = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= least
  return { byDefault, expected: `a whole number of ${least} or more`, accepts }
}

/** True or false. */
/* @__NO_SIDE_EFFECTS__ */
export function flag(byDefault: boolean): Field<boolean> {
  return { byDefault, expected: 'true or false', accepts: (value) => typeof value === 'boolean' }
}

/** One of a few words. */
/* @__NO_SIDE_EFFECTS__ */
export function oneOf<T extends string>(byDefault: T, others: readonly T[]): Field<T> {
  const all: readonly unknown[] = [byDefault, ...others]
  return { byDefault, expected: `one of ${all.map(show).join(', ')}`, accepts: (value) => all.includes(value) }
}

/** A learning rate: a number, or a function of the step. */
/* @__NO_SIDE_EFFECTS__ */
export function rate(byDefault?: number): Field<number | Schedule> {
  const accepts = (value: unknown) => isRate(value) || typeof value === 'function'
  return { byDefault, expected: 'a finite number of 0 or more, or a function of the step', accepts }
}

/** The fields of the options `O`. */
export type Fields<O> = { readonly [K in keyof O]-?: Field<Exclude<O[K], undefined>> }

/** Options `O`, none of them absent. */
export type Complete<O> = { readonly [K in keyof O]-?: Exclude<O[K], undefined> }

/**
 * Fills in what `given` leaves out and checks the rest; `check` adds the faults of options that do not go together.
 * @throws RangeError naming every unknown option and every one out of range
 */
export function readOptions<O extends object>(
  where: string,
  given: O,
  fields: Fields<O>,
  check: (options: Complete<O>) => readonly string[] = () => [],
): Complete<O> {
  const names = Object.keys(fields) as (keyof O & string)[]
  if (typeof given !== 'object' || given === null) {
    throwFaults(where, [`expected options { ${names.join(', ')} }, got ${show(given)}`])
  }
  const faults = Object.keys(given)
    .filter((name) => !Object.hasOwn(fields, name))
    .map((name) => `expected options among ${names.join(', ')}, got '${name}'`)
  const options: Partial<Record<keyof O, unknown>> = {}
  for (const name of names) {
    const value = given[name] === undefined ? fields[name].byDefault : given[name]
    options[name] = value
    if (!fields[name].accepts(value)) faults.push(`expected ${name} to be ${fields[name].expected}, got ${show(value)}`)
  }
  const complete = options as Complete<O>
  throwFaults(where, faults.length > 0 ? faults : check(complete))
  return complete
}
