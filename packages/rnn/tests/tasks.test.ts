// What each network is for: tasks with known answers, which it learns and another does not, or not so soon. Every seed
// is fixed. The numbers beside a limit are what came out on this and other seeds: two for LSTM and GRU, mostly.
import { additionTask, copyTask, parityTask } from '@ostinato/datasets/tasks'
import { crossEntropy, meanSquaredError, type Module } from '@ostinato/nn'
import { ElmanCell, GruCell, JordanCell, LayerNormLstmCell, LstmCell, Rnn, type SequenceLayer } from '@ostinato/rnn'
import { multiply, oneHot, reshape, Rng, stack, tensor, type Tensor } from '@ostinato/tensor'
import { describe, expect, test, vi } from 'vitest'
import { Reader, train, type Training } from './training.ts'

/** A busy machine takes its time. */
vi.setConfig({ testTimeout: 240_000 })

/**
 * A GRU that keeps its units at first, and an LSTM whose input gates are as shut as its forget gates are open (Tallec &
 * Ollivier 2018, "Can recurrent neural networks warp time?", §2, with one time scale for all units).
 */
const keeping = {
  gru(inputs: number, hidden: number, rng: Rng): Rnn<{ readonly hidden: Tensor }> {
    const cell = new GruCell(inputs, hidden, { rng })
    cell.biasIh?.update((bias) => bias.fill(4, hidden, 2 * hidden))
    return new Rnn(cell)
  },
  lstm(inputs: number, hidden: number, rng: Rng): Rnn<{ readonly hidden: Tensor; readonly cell: Tensor }> {
    const cell = new LstmCell(inputs, hidden, { rng, forgetBias: 4 })
    cell.biasIh?.update((bias) => bias.fill(-4, 0, hidden))
    return new Rnn(cell)
  },
}

describe('addition over 100 steps; always answering 1 has an error of 1/6', () => {
  const rowsOf = (count: number, rng: Rng) => {
    const rows = additionTask({ count, steps: 100, rng }).toArray()
    return { x: stack(rows.map(({ input }) => input)), sums: tensor(rows.map(({ target }) => [target])) }
  }
  const error = (model: Reader, count: number, rng: Rng) => {
    const { x, sums } = rowsOf(count, rng)
    return meanSquaredError(model.atEnd(x), sums)
  }
  const learn = (layer: (rng: Rng) => SequenceLayer<unknown>, ...phases: readonly Training[]) => {
    const rng = new Rng(1)
    const model = new Reader(layer(rng), 1, rng)
    train(model, (draws) => error(model, 32, draws), ...phases)
    return error(model, 500, new Rng(99)).item()
  }

  test('an LSTM solves it', () => {
    // 0.002 to 0.006
    expect(learn((rng) => keeping.lstm(2, 32, rng), { steps: 500, learningRate: 0.01 })).toBeLessThan(0.02)
  })

  test('a GRU solves it', () => {
    // 0.003 to 0.005
    expect(learn((rng) => keeping.gru(2, 32, rng), { steps: 350, learningRate: 0.01 })).toBeLessThan(0.02)
  })

  test('a tanh network does not, one of ReLU with identity weights does', () => {
    const phases = [
      { steps: 500, learningRate: 0.002 },
      { steps: 100, learningRate: 0.0002 },
    ]
    const relu = { nonlinearity: 'relu', recurrent: 'identity' } as const
    // 0.01 and 0.18
    expect(learn((rng) => new Rnn(new ElmanCell(2, 32, { rng, ...relu })), ...phases)).toBeLessThan(0.05)
    expect(learn((rng) => new Rnn(new ElmanCell(2, 32, { rng })), ...phases)).toBeGreaterThan(0.14)
  })
})

describe('copying 2 of 4 symbols after 20 blanks', () => {
  const [length, symbols, delay] = [2, 4, 20]
  const kinds = symbols + 2
  /** The best that can be done without memory. */
  const forgetful = (length * Math.log(symbols)) / (2 * length + delay + 1)
  const loss = (model: Reader, count: number, rng: Rng) => {
    const rows = copyTask({ count, length, symbols, delay, rng }).toArray()
    const ids = (lists: readonly Int32Array[]) => stack(lists.map((list) => tensor(list)))
    const logits = model.forward(oneHot(ids(rows.map(({ input }) => input)), kinds))
    return crossEntropy(reshape(logits, [-1, kinds]), reshape(ids(rows.map(({ target }) => target)), [-1]))
  }
  const learn = (layer: (rng: Rng) => SequenceLayer<unknown>, steps: number) => {
    const rng = new Rng(2)
    const model = new Reader(layer(rng), kinds, rng)
    train(model, (draws) => loss(model, 32, draws), { steps, learningRate: 0.02 })
    return loss(model, 200, new Rng(99)).item() / forgetful
  }

  test('LSTM and GRU remember, a tanh network does not', () => {
    // 0.2 to 0.6, 0.3 and 1.02
    expect(learn((rng) => new Rnn(new LstmCell(kinds, 32, { rng, forgetBias: 3 })), 500)).toBeLessThan(0.7)
    expect(learn((rng) => keeping.gru(kinds, 32, rng), 400)).toBeLessThan(0.6)
    expect(learn((rng) => new Rnn(new ElmanCell(kinds, 32, { rng })), 400)).toBeGreaterThan(0.95)
  })
})

describe('parity of all bits so far', () => {
  /** Bits and answers as -1 and 1, `[count, steps, 1]`. */
  const rowsOf = (count: number, steps: number, rng: Rng) => {
    const rows = parityTask({ count, steps, rng }).toArray()
    const signs = (lists: readonly Int32Array[]) =>
      tensor(lists.map((list) => Array.from(list, (bit) => [2 * bit - 1])))
    return { x: signs(rows.map(({ input }) => input)), answers: signs(rows.map(({ target }) => target)) }
  }
  const learn = (model: Module, answer: (x: Tensor) => Tensor, training: Training) => {
    train(
      model,
      (rng) => {
        const { x, answers } = rowsOf(32, 10, rng)
        return meanSquaredError(answer(x), answers)
      },
      training,
    )
    // Three times the length that it learnt from.
    const { x, answers } = rowsOf(200, 30, new Rng(99))
    const right = multiply(answer(x), answers).data.filter((agreement) => agreement > 0)
    return right.length / answers.size
  }
  const read = (layer: (rng: Rng) => SequenceLayer<unknown>, training: Training) => {
    const rng = new Rng(1)
    const model = new Reader(layer(rng), 1, rng)
    return learn(model, (x) => model.forward(x), training)
  }

  test('LSTM, GRU and LSTM with layer norms find the rule', () => {
    const training = { steps: 250, learningRate: 0.01 }
    expect(read((rng) => new Rnn(new LstmCell(1, 16, { rng })), training)).toBeGreaterThan(0.95)
    expect(read((rng) => new Rnn(new GruCell(1, 16, { rng })), training)).toBeGreaterThan(0.95)
    const short = { steps: 150, learningRate: 0.01 }
    expect(read((rng) => new Rnn(new LayerNormLstmCell(1, 16, { rng })), short)).toBeGreaterThan(0.95)
  })

  test('a Jordan network finds it, since its last answer is all it needs; without that it guesses', () => {
    const jordan = (feedback: boolean) => {
      const cell = new JordanCell(1, 8, { outputSize: 1, activation: 'tanh', rng: new Rng(1) })
      if (!feedback) {
        cell.weightYh.update((weights) => weights.fill(0))
        cell.weightYh.trainable = false
      }
      const layer = new Rnn(cell)
      return learn(layer, (x) => layer.forward(x).output, { steps: feedback ? 400 : 100, learningRate: 0.03 })
    }
    expect(jordan(true)).toBeGreaterThan(0.95)
    expect(jordan(false)).toBeLessThan(0.6)
  })
})
