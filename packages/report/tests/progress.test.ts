// Progress in the terminal: what is shown, what passes through, what is left behind.
import { showProgress } from '@ostinato/report/terminal'
import type { StartEvent, StepEvent, TrainingEvent } from '@ostinato/train'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeStream } from './support.ts'

beforeEach(() => { vi.useFakeTimers({ toFake: ['performance'] }) })
afterEach(() => { vi.useRealTimers() })

const start: StartEvent = { type: 'start', epochs: 2, stepsPerEpoch: 4, parameters: 41_234, history: [] }
const stepAt = (epoch: number, step: number, more: Partial<StepEvent> = {}): StepEvent => ({
  type: 'step',
  epoch,
  step,
  stepsPerEpoch: 4,
  totalSteps: 4 * (epoch - 1) + step,
  scores: { loss: 1 / step },
  average: { loss: 1 / step, accuracy: 0.25 * step },
  gradientNorm: 1,
  learningRate: 0.1,
  count: 8,
  tokens: 2000,
  seconds: 2,
  ...more,
})
const epochEnd = (epoch: number): TrainingEvent => {
  const validation = { loss: 0.25, accuracy: 0.75 }
  return { type: 'epoch', epoch, train: { loss: 0.5 }, validation, best: epoch === 1, seconds: 20 }
}
const stop: TrainingEvent = { type: 'stop', reason: 'finished', epochs: 2, bestEpoch: 1 }

/** A run whose steps take 3 seconds, 2 of them within the step, and whose validation takes 8. */
function* run(change: (event: StepEvent) => StepEvent = (event) => event): Generator<TrainingEvent> {
  yield start
  for (const epoch of [1, 2]) {
    for (const step of [1, 2, 3, 4]) {
      vi.advanceTimersByTime(3000)
      yield change(stepAt(epoch, step))
    }
    vi.advanceTimersByTime(8000)
    yield epochEnd(epoch)
    yield { type: 'checkpoint', epoch, step: 4 }
  }
  yield stop
}

type Events = AsyncGenerator<TrainingEvent>

async function* stream(events: Iterable<TrainingEvent>, onEnd: () => void = () => undefined): Events {
  try {
    for (const event of events) yield await Promise.resolve(event)
  } finally {
    onEnd()
  }
}

async function collect(events: AsyncIterable<TrainingEvent>): Promise<TrainingEvent[]> {
  const all: TrainingEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

describe('as plain lines', () => {
  const plain = (interval: number) => {
    const output = new FakeStream(false)
    return { output, options: { stream: output.asStream, interval } }
  }

  test('the run in lines, no more often than the interval says', async () => {
    const { output, options } = plain(6)
    await collect(showProgress(stream(run()), options))
    expect(output.lines).toEqual([
      'training 41.2k parameters for 2 epochs of 4 steps',
      'epoch 1/2  step 2/4  loss 0.5000  accuracy 0.5000  1.00k tokens/s  0:18 left',
      'epoch 1/2  step 4/4  loss 0.2500  accuracy 1.0000  1.00k tokens/s  0:12 left',
      'epoch 1/2  loss 0.5000  validation loss 0.2500  accuracy 0.7500  took 0:20  best so far',
      // From now on the validation is known to take 8 seconds.
      'epoch 2/2  step 1/4  loss 1.0000  accuracy 0.2500  1.00k tokens/s  0:17 left',
      'epoch 2/2  step 3/4  loss 0.3333  accuracy 0.7500  1.00k tokens/s  0:11 left',
      'epoch 2/2  loss 0.5000  validation loss 0.2500  accuracy 0.7500  took 0:20',
      'finished after 2 epochs; the best was epoch 1',
    ])
    expect(output.text).not.toContain('\x1b')
  })

  test('passes on the very events, all of them', async () => {
    const events = [...run()]
    const passed = await collect(showProgress(stream(events), plain(1).options))
    expect(passed).toHaveLength(events.length)
    passed.forEach((event, i) => { expect(event).toBe(events[i]) })
  })

  test('without tokens, or without time spent, no rate is shown', async () => {
    const uncounted = ({ tokens, ...event }: StepEvent) => event
    const instant = (event: StepEvent) => ({ ...event, seconds: 0 })
    for (const change of [uncounted, instant]) {
      const { output, options } = plain(0)
      await collect(showProgress(stream(run(change)), options))
      expect(output.lines.filter((line) => line.includes('step 3/4'))).toHaveLength(2)
      expect(output.text).not.toMatch(/tokens|\?|NaN|Infinity/)
    }
  })

  test('a resumed run says where it goes on, and counts what is left from there', async () => {
    const { output, options } = plain(0)
    const resumed = function* (): Generator<TrainingEvent> {
      yield { ...start, resumed: { epoch: 2, step: 1 } }
      vi.advanceTimersByTime(3000)
      yield stepAt(2, 2)
    }
    await collect(showProgress(stream(resumed()), options))
    expect(output.lines).toEqual([
      'training 41.2k parameters for 2 epochs of 4 steps, resumed in epoch 2 after 1 step',
      'epoch 2/2  step 2/4  loss 0.5000  accuracy 0.5000  1.00k tokens/s  0:06 left',
    ])
  })

  test('the pace is that of the last hundred steps', async () => {
    const { output, options } = plain(0)
    const slowThenFast = function* (): Generator<TrainingEvent> {
      yield { ...start, epochs: 1, stepsPerEpoch: 400 }
      for (let step = 1; step <= 300; step++) {
        vi.advanceTimersByTime(step <= 200 ? 10_000 : 1000)
        yield stepAt(1, step, { stepsPerEpoch: 400, tokens: 500, seconds: step <= 200 ? 10 : 1 })
      }
    }
    await collect(showProgress(stream(slowThenFast()), options))
    expect(output.lines.at(-1)).toContain('500 tokens/s  1:40 left')
  })

  test.each([
    [{ reason: 'finished', epochs: 1, bestEpoch: 1 }, 'finished after 1 epoch; the best was epoch 1'],
    [{ reason: 'early', epochs: 5, bestEpoch: 2 }, 'stopped for want of improvement after 5 epochs; the best was epoch 2'],
    [{ reason: 'aborted', epochs: 0, bestEpoch: 0 }, 'interrupted after 0 epochs'],
  ] as const)('%o: %s', async (end, line) => {
    const { output, options } = plain(0)
    await collect(showProgress(stream([{ type: 'stop', ...end }]), options))
    expect(output.lines).toEqual([line])
  })

  test('scores of every size can be read', async () => {
    const { output, options } = plain(0)
    const average = { loss: NaN, a: 123456.789, b: 0.000012345, c: 0, d: -0.5, e: Infinity }
    await collect(showProgress(stream([start, stepAt(1, 1, { average })]), options))
    expect(output.text).toContain('loss NaN  a 1.235e+5  b 0.00001234  c 0.0000  d -0.5000  e Infinity')
  })

  test('an interval that is none is refused', async () => {
    for (const interval of [-1, NaN]) {
      const shown = collect(showProgress(stream(run()), plain(interval).options))
      await expect(shown).rejects.toThrow(/showProgress: expected an interval of 0 seconds or more/)
    }
  })
})

describe('in a terminal', () => {
  const terminal = (columns = 120) => {
    const output = new FakeStream(true, columns)
    return { output, options: { stream: output.asStream } }
  }

  test('one moving line, above it what lasts, nothing else in the end', async () => {
    const { output, options } = terminal()
    const seen: string[] = []
    for await (const event of showProgress(stream(run()), options)) {
      if (event.type === 'step' && event.step === 2) seen.push(...output.screen)
    }
    const lasting = [
      'training 41.2k parameters for 2 epochs of 4 steps',
      'epoch 1/2  loss 0.5000  validation loss 0.2500  accuracy 0.7500  took 0:20  best so far',
    ]
    const bar = `${'━'.repeat(12)}${'─'.repeat(12)}`
    expect(seen).toEqual([
      lasting[0],
      `epoch 1/2  ${bar}  2/4  loss 0.5000  accuracy 0.5000  1.00k tokens/s  0:18 left`,
      '',
      ...lasting,
      `epoch 2/2  ${bar}  2/4  loss 0.5000  accuracy 0.5000  1.00k tokens/s  0:14 left`,
      '',
    ])
    expect(output.screen).toEqual([
      ...lasting,
      'epoch 2/2  loss 0.5000  validation loss 0.2500  accuracy 0.7500  took 0:20',
      'finished after 2 epochs; the best was epoch 1',
      '',
    ])
  })

  test('is drawn at most ten times a second', async () => {
    const { output, options } = terminal()
    const quick = function* (): Generator<TrainingEvent> {
      yield { ...start, stepsPerEpoch: 1000 }
      for (let step = 1; step <= 1000; step++) {
        vi.advanceTimersByTime(1)
        yield stepAt(1, step, { stepsPerEpoch: 1000, seconds: 0.001 })
      }
    }
    await collect(showProgress(stream(quick()), options))
    expect(output.text.match(/left/g)).toHaveLength(10)
  })

  test.each([
    { columns: 120, bar: 24, rows: 1 },
    { columns: 90, bar: 16, rows: 1 },
    { columns: 80, bar: 6, rows: 1 },
    { columns: 72, bar: 0, rows: 1 },
    { columns: 60, bar: 0, rows: 2 },
  ])('in $columns columns: a bar of $bar, $rows rows', async ({ columns, bar, rows }) => {
    const { output, options } = terminal(columns)
    for await (const event of showProgress(stream(run()), options)) {
      if (event.type !== 'step') continue
      const [, ...shown] = output.screen
      expect(shown).toHaveLength(rows + 1)
      for (const line of shown) expect(line.length).toBeLessThanOrEqual(columns)
      expect(shown.join('').match(/[━─]/g) ?? []).toHaveLength(bar)
      expect(shown.join('')).toContain('left')
      if (event.step === 4) break
    }
    expect(output.screen).toEqual(['training 41.2k parameters for 2 epochs of 4 steps', ''])
  })

  test('break ends the run inside first, then clears the line and leaves the cursor alone', async () => {
    const { output, options } = terminal()
    const ended = vi.fn(() => { expect(output.screen.at(-2)).toContain('0:15 left') })
    for await (const event of showProgress(stream(run(), ended), options)) {
      if (event.type === 'step' && event.step === 3) break
    }
    expect(ended).toHaveBeenCalledOnce()
    expect(output.screen).toEqual(['training 41.2k parameters for 2 epochs of 4 steps', ''])
    expect(output.text).not.toContain('?25')
  })

  test('an error of the run passes through, and the line is cleared', async () => {
    const { output, options } = terminal()
    const failing = function* (): Generator<TrainingEvent> {
      yield start
      vi.advanceTimersByTime(500)
      yield stepAt(1, 1)
      throw new Error('the disk is full')
    }
    await expect(collect(showProgress(stream(failing()), options))).rejects.toThrow('the disk is full')
    expect(output.screen).toEqual(['training 41.2k parameters for 2 epochs of 4 steps', ''])
  })

  test('an error of the reader ends the run inside', async () => {
    const ended = vi.fn()
    const read = async () => {
      for await (const event of showProgress(stream(run(), ended), terminal().options)) {
        if (event.type === 'epoch') throw new Error('the reader failed')
      }
    }
    await expect(read()).rejects.toThrow('the reader failed')
    expect(ended).toHaveBeenCalledOnce()
  })

  test('a terminal without a size gets plain lines', async () => {
    const { output, options } = terminal(0)
    await collect(showProgress(stream(run()), options))
    expect(output.text).not.toContain('\x1b')
    expect(output.lines.length).toBeGreaterThan(3)
  })

  test('interactive can be set against the stream', async () => {
    const { output, options } = terminal()
    await collect(showProgress(stream(run()), { ...options, interactive: false }))
    expect(output.text).not.toContain('\x1b')
  })
})
