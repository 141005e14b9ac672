// PyTorch's batch norms in ours: in training or not, with running statistics or without.
import { BatchNorm1d, BatchNorm2d } from '@ostinato/nn'
import { withTraining } from '@ostinato/tensor'
import { tensorOf, type Fixture } from '@ostinato/test-utils'
import type { Config } from './config.ts'
import type { Made, Make } from './made.ts'

/** How many batches PyTorch counted before this one: it says nothing but where `momentum` is null. */
function countOf({ inputs, params }: Fixture): number {
  const key = 'num_batches_tracked'
  const value = key in inputs ? inputs[key] : 0
  if (key in params) throw new Error('num_batches_tracked is no parameter: expected it among the inputs')
  return typeof value === 'number' ? value : tensorOf(inputs, key).data[0]
}

/** The share of the newest batch; null is the mean of all batches so far. */
function momentumOf(config: Config): number {
  if (config.fixture.config['momentum'] !== null) return config.number('momentum', 0.1)
  config.get('momentum')
  return 1 / (countOf(config.fixture) + 1)
}

const make =
  (BatchNorm: typeof BatchNorm1d | typeof BatchNorm2d): Make =>
  (config, { dtype }): Made => {
    const training = config.flag('training', true)
    const tracked = config.flag('track_running_stats', true)
    const layer = new BatchNorm(config.number('num_features'), {
      dtype,
      epsilon: config.number('eps', 1e-5),
      momentum: momentumOf(config),
      affine: config.flag('affine', true),
    })
    return {
      parameters: [
        ['weight', layer.weight],
        ['bias', layer.bias],
      ],
      statistics: tracked
        ? [
            ['running_mean', layer.runningMean],
            ['running_var', layer.runningVariance],
          ]
        : [],
      // Without running statistics, PyTorch takes those of the batch outside training too.
      call: ([x]) => withTraining(training || !tracked, () => layer.forward(x)),
      after: (fixture) => {
        const count = countOf(fixture) + (training && tracked ? 1 : 0)
        const key = 'num_batches_tracked'
        if (!(key in fixture.expected)) return
        const value = fixture.expected[key]
        const expected = typeof value === 'number' ? value : tensorOf(fixture.expected, key).data[0]
        if (expected !== count) throw new Error(`${key}: expected ${expected}, got ${count}`)
      },
    }
  }

export const batchNorm1d = make(BatchNorm1d)
export const batchNorm2d = make(BatchNorm2d)
