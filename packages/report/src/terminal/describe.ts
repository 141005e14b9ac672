// What is said of each event, as one line of plain text. Where it goes is the business of `showProgress`.
import type { EpochEvent, Scores, StartEvent, StepEvent, StopEvent } from '@ostinato/train'
import { formatCount, formatDuration, formatScore } from '../format.ts'
import type { Pace } from './pace.ts'

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

const describeScores = (scores: Scores): string =>
  Object.entries(scores).map(([name, value]) => `${name} ${formatScore(value)}`).join('  ')

export function describeStart({ epochs, stepsPerEpoch, parameters, resumed }: StartEvent): string {
  const size = `${formatCount(parameters)} parameters`
  const plan = `training ${size} for ${plural(epochs, 'epoch')} of ${plural(stepsPerEpoch, 'step')}`
  return resumed === undefined ? plan : `${plan}, resumed in epoch ${resumed.epoch} after ${plural(resumed.step, 'step')}`
}

/** @param columns with a bar that leaves the line within so many; absent: without a bar */
export function describeStep(event: StepEvent, pace: Pace, epochs: number, columns?: number): string {
  const { epoch, step, stepsPerEpoch, average } = event
  const { tokensPerSecond } = pace
  const start = `epoch ${epoch}/${epochs}`
  const rest = [
    `${step}/${stepsPerEpoch}`,
    describeScores(average),
    ...(tokensPerSecond === undefined ? [] : [`${formatCount(tokensPerSecond)} tokens/s`]),
    `${formatDuration(pace.secondsLeft(event))} left`,
  ].join('  ')
  if (columns === undefined) return `${start}  step ${rest}`
  // One column stays free: some terminals wrap a full line.
  const bar = drawBar(step / stepsPerEpoch, Math.min(24, columns - start.length - rest.length - 5))
  return [start, bar, rest].filter((part) => part !== '').join('  ')
}

/** A bar of `width` characters, `share` of them filled; none where there is too little room. */
function drawBar(share: number, width: number): string {
  if (width < 6) return ''
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width)
  return '━'.repeat(filled) + '─'.repeat(width - filled)
}

export function describeEpoch({ epoch, train, validation, best, seconds }: EpochEvent, epochs: number): string {
  return [
    `epoch ${epoch}/${epochs}`,
    describeScores(train),
    ...(validation === undefined ? [] : [`validation ${describeScores(validation)}`]),
    `took ${formatDuration(seconds)}`,
    ...(best ? ['best so far'] : []),
  ].join('  ')
}

export function describeStop({ reason, epochs, bestEpoch }: StopEvent): string {
  const what = { finished: 'finished', early: 'stopped for want of improvement', aborted: 'interrupted' }[reason]
  const best = bestEpoch === 0 ? '' : `; the best was epoch ${bestEpoch}`
  return `${what} after ${plural(epochs, 'epoch')}${best}`
}
