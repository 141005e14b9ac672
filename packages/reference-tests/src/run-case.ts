// From a case to what runs it.
import type { Fixture } from '@ostinato/test-utils'
import type { RunCase } from './case.ts'
import { runFunction } from './functions.ts'
import { isOptimizer, isSchedule } from './optim-names.ts'
import { runClipping, runOptimizer, runSchedule } from './optim.ts'
import { runLayer } from './run-layer.ts'
import { runRecurrent } from './recurrent.ts'
import { refusingUnread } from './unread.ts'

function runnerOf({ kind }: Fixture): RunCase {
  if (kind === 'function') return runFunction
  if (kind === 'RNN' || kind === 'GRU' || kind === 'LSTM') return runRecurrent
  if (kind === 'clip_grad_norm') return runClipping
  if (isOptimizer(kind)) return runOptimizer
  if (isSchedule(kind)) return runSchedule
  return runLayer
}

/**
 * Runs a case in float64 and in float32.
 * @throws Error where it disagrees, nothing is known of its kind, or something in it was not read
 */
export function runCase(fixture: Fixture): void {
  const run = runnerOf(fixture)
  for (const dtype of ['float64', 'float32'] as const) refusingUnread(fixture, (read) => run(read, dtype))
}
