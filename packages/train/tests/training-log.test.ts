// The log of a run, and Ctrl-C while it goes on.
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StepEvent, TrainingEvent } from '@ostinato/train'
import { interruptible, TrainingLog } from '@ostinato/train/node'
import { describe, expect, test, vi } from 'vitest'

const stepEvent = (step: number, loss: number): StepEvent => ({
  type: 'step',
  epoch: 2,
  step,
  stepsPerEpoch: 40,
  totalSteps: 40 + step,
  scores: { loss, accuracy: loss / 2 },
  average: { loss, accuracy: loss / 2 },
  gradientNorm: 1,
  learningRate: 0.1,
  count: 8,
  tokens: 30,
  seconds: 0.5,
})

describe('a log', () => {
  test('has a point every tenth step, the mean over the last twenty', () => {
    const log = new TrainingLog()
    for (let step = 1; step <= 35; step++) log.add(stepEvent(step, step))
    log.add({ type: 'stop', reason: 'finished', epochs: 2, bestEpoch: 1 })
    // The means of 1 to 10, 1 to 20, 11 to 30.
    expect(log.points).toEqual([
      { epoch: 1.25, scores: { loss: 5.5, accuracy: 2.75 } },
      { epoch: 1.5, scores: { loss: 10.5, accuracy: 5.25 } },
      { epoch: 1.75, scores: { loss: 20.5, accuracy: 10.25 } },
    ])
    expect([log.tokensPerSecond, log.examplesPerSecond]).toEqual([60, 16])
  })

  test('goes on after an interruption as if there had been none, its time too', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'log-')), 'log.json')
    const log = new TrainingLog()
    for (let step = 1; step <= 20; step++) log.add(stepEvent(step, 1))
    log.add({
      type: 'gradientFlow',
      totalSteps: 60,
      layers: [{ name: 'encoder', state: 'hidden', norms: [0.123456, 1] }],
    })
    vi.spyOn(performance, 'now').mockReturnValueOnce(performance.now() + 5000)
    await log.save(path)
    const resumed = await TrainingLog.load(path)
    expect(resumed.points).toEqual(log.points)
    expect(resumed.flows).toEqual([
      { totalSteps: 60, layers: [{ name: 'encoder', state: 'hidden', norms: [0.123, 1] }] },
    ])
    expect(resumed.seconds).toBeGreaterThanOrEqual(5)
    resumed.add(stepEvent(21, 1))
    expect(resumed.tokensPerSecond).toBe(60)
  })

  test('follows a run: its epochs, and the log on disk with every checkpoint; nothing of an aborted one', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'log-')), 'log.json')
    const epoch = { type: 'epoch', epoch: 2, train: { loss: 1 }, best: true, seconds: 1 } as const
    const before = { epoch: 1, train: { loss: 2 }, seconds: 1 }
    async function* events(reason: 'finished' | 'aborted'): AsyncGenerator<TrainingEvent> {
      await Promise.resolve()
      yield { type: 'start', epochs: 2, stepsPerEpoch: 40, parameters: 3, history: [before] }
      for (let step = 1; step <= 10; step++) yield stepEvent(step, 1)
      yield { type: 'checkpoint', epoch: 2, step: 10 }
      if (reason === 'finished') yield epoch
      yield { type: 'stop', reason, epochs: 2, bestEpoch: 2 }
    }
    expect(await new TrainingLog().follow(events('finished'), path)).toEqual([before, epoch])
    expect((await TrainingLog.load(path)).points.length).toBe(1)
    expect(await new TrainingLog().follow(events('aborted'), path)).toBeUndefined()
  })

  test('is empty where there is no file, and says so where the file is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'log-'))
    expect((await TrainingLog.load(join(folder, 'none.json'))).points).toEqual([])
    await writeFile(join(folder, 'torn.json'), '{"points": [')
    await expect(TrainingLog.load(join(folder, 'torn.json'))).rejects.toThrow(
      /expected the log of a run in .*torn\.json/,
    )
  })
})

describe('interruptible', () => {
  test('aborts the signal at the first Ctrl-C, and listens no longer when it is over', async () => {
    const before = process.listenerCount('SIGINT')
    const notice = vi.fn()
    const result = await interruptible(notice, async (signal) => {
      expect([signal.aborted, process.listenerCount('SIGINT')]).toEqual([false, before + 1])
      process.emit('SIGINT')
      await Promise.resolve()
      return signal.aborted
    })
    expect([result, notice.mock.calls.length]).toEqual([true, 1])
    expect(process.listenerCount('SIGINT')).toBe(before)
  })

  test('ends the program at the second', async () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
    await interruptible(
      () => undefined,
      async () => {
        process.emit('SIGINT')
        process.emit('SIGINT')
        await Promise.resolve()
      },
    )
    expect(exit).toHaveBeenCalledExactlyOnceWith(130)
    exit.mockRestore()
  })

  test('passes on what is thrown', async () => {
    await expect(
      interruptible(
        () => undefined,
        () => Promise.reject(new Error('full disk')),
      ),
    ).rejects.toThrow('full disk')
  })
})
