// From a case to what runs it.
import type { Fixture } from '@ostinato/test-utils'
import type { RunCase } from './case.ts'
import { runFunction } from './functions.ts'
import { runRecurrent } from './recurrent.ts'
import { runLayer } from './layers.ts'

const runners: Readonly<Record<string, RunCase>> = {
  function: runFunction,
  RNN: runRecurrent,
  GRU: runRecurrent,
  LSTM: runRecurrent,
}

/** Runs a case in float64 and float32. @throws Error where it disagrees, or nothing is known of its kind */
export function runCase(fixture: Fixture): void {
  const run = Object.hasOwn(runners, fixture.kind) ? runners[fixture.kind] : runLayer
  for (const dtype of ['float64', 'float32'] as const) run(fixture, dtype)
}
