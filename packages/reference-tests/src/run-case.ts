// From a case to what runs it.
import type { Fixture } from '@ostinato/test-utils'
import type { RunCase } from './case.ts'
import { runFunction } from './functions.ts'
import { runLayer } from './layers.ts'
import { runClipping, runOptimizer, runSchedule } from './optim.ts'
import { runRecurrent } from './recurrent.ts'

function runnerOf({ kind, name }: Fixture): RunCase {
  if (kind === 'function') return runFunction
  if (kind === 'RNN' || kind === 'GRU' || kind === 'LSTM') return runRecurrent
  if (kind === 'clip_grad_norm') return runClipping
  if (name.startsWith('optim_')) return runOptimizer
  if (name.startsWith('lr_')) return runSchedule
  return runLayer
}

/** Runs a case in float64 and in float32. @throws Error where it disagrees, or nothing is known of its kind */
export function runCase(fixture: Fixture): void {
  const run = runnerOf(fixture)
  for (const dtype of ['float64', 'float32'] as const) run(fixture, dtype)
}
