// A training run in the terminal: a bar that moves, or plain lines where nothing can move. Passes the events on
// unchanged.
import { createLogUpdate } from 'log-update'
import type { TrainingEvent } from '@ostinato/train'
import { describeEpoch, describeStart, describeStep, describeStop } from './describe.ts'
import { Pace } from './pace.ts'

/** Where and how progress is shown. */
export interface ProgressOptions {
  /** Default: standard error, so that standard output holds results alone. */
  readonly stream?: NodeJS.WriteStream
  /** Redraw one line instead of writing many. Default: whether the stream is a terminal that has a size. */
  readonly interactive?: boolean
  /** Where lines are written: seconds between two of them within an epoch. Default 15. */
  readonly interval?: number
}

/** Seconds between two frames of the bar. */
const frame = 0.1

/**
 * Shows the events of `fit` as they pass by: epoch, loss and metrics, tokens a second (where the steps count them),
 * time left. Reading it is reading the run: `break` ends both, and leaves no half line behind.
 *
 * @throws RangeError when the interval is negative or no number
 * @example
 * ```ts
 * import { Linear, meanSquaredError } from '@ostinato/nn'
 * import { SGD } from '@ostinato/optim'
 * import { showProgress } from '@ostinato/report/terminal'
 * import { Rng, tensor } from '@ostinato/tensor'
 * import { fit } from '@ostinato/train'
 * const model = new Linear(1, 1, { rng: new Rng(0) })
 * const batch = { x: tensor([[0], [1]]), y: tensor([[1], [3]]) }
 * const run = fit({
 *   model,
 *   optimizer: new SGD(model.parameters(), { learningRate: 0.1 }),
 *   train: { length: 1, epoch: () => [batch] },
 *   step: ({ x, y }) => ({ loss: meanSquaredError(model.forward(x), y), count: 2 }),
 *   epochs: 2,
 * })
 * let epochs = 0
 * for await (const event of showProgress(run)) if (event.type === 'epoch') epochs++
 * console.assert(epochs === 2)
 * ```
 */
export async function* showProgress(
  events: AsyncIterable<TrainingEvent>,
  options: ProgressOptions = {},
): AsyncGenerator<TrainingEvent, void, undefined> {
  const { stream = globalThis.process.stderr, interval = 15 } = options
  // Some terminals say that they have no size: there is no telling where a line would end.
  const { interactive = stream.isTTY && stream.columns !== 0 && stream.rows !== 0 } = options
  if (!(interval >= 0)) throw new RangeError(`showProgress: expected an interval of 0 seconds or more, got ${interval}`)
  // The cursor stays: hidden, it would have to be shown again however the process ends.
  const redraw = createLogUpdate(stream, { showCursor: true })
  const line = (text: string) => {
    if (interactive) redraw.clear()
    stream.write(`${text}\n`)
  }
  let pace = new Pace({ epochs: 0 })
  let epochs = 0
  let shown = performance.now()
  try {
    for await (const event of events) {
      switch (event.type) {
        case 'start':
          epochs = event.epochs
          pace = new Pace(event)
          line(describeStart(event))
          break
        case 'step':
          pace.step(event)
          if (performance.now() - shown < (interactive ? frame : interval) * 1000) break
          shown = performance.now()
          if (interactive) redraw(describeStep(event, pace, epochs, stream.columns ?? 80))
          else line(describeStep(event, pace, epochs))
          break
        case 'epoch':
          pace.epoch()
          line(describeEpoch(event, epochs))
          break
        case 'gradientFlow':
        case 'checkpoint':
          break
        case 'stop':
          line(describeStop(event))
      }
      yield event
    }
  } finally {
    if (interactive) redraw.clear()
  }
}
