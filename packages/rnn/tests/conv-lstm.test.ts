// Any cell runs over time: a ConvLSTM (Shi et al. 2015, "Convolutional LSTM network", eq. 3, without peepholes), whose
// input and state are pictures, written here as a user would write it.
import { checkGradients, valueAndGrad } from '@ostinato/autograd'
import { Conv2d, crossEntropy, Module } from '@ostinato/nn'
import { Adam, clipGradNorm } from '@ostinato/optim'
import { Bidirectional, Cell, Rnn, type StepResult } from '@ostinato/rnn'
import {
  add,
  argmax,
  multiply,
  oneHot,
  reshape,
  Rng,
  sigmoid,
  slice,
  split,
  tanh,
  tensor,
  zeros,
  type FloatDType,
  type Tensor,
} from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { expect, test, vi } from 'vitest'
import { weightedSum } from './support.ts'

/** A busy machine takes its time. */
vi.setConfig({ testTimeout: 240_000 })

/** Both `[batch, channels, height, width]`. */
type PictureState = { readonly hidden: Tensor; readonly cell: Tensor }

interface ConvLstmOptions {
  readonly height: number
  readonly width: number
  readonly rng: Rng
  readonly dtype?: FloatDType
}

class ConvLstmCell extends Cell<PictureState> {
  readonly inputSize: number
  readonly outputSize: number
  readonly height: number
  readonly width: number
  readonly dtype: FloatDType
  readonly inputGates: Conv2d
  readonly hiddenGates: Conv2d

  constructor(inputChannels: number, channels: number, { height, width, rng, dtype = 'float32' }: ConvLstmOptions) {
    super()
    this.inputSize = inputChannels
    this.outputSize = channels
    this.height = height
    this.width = width
    this.dtype = dtype
    this.inputGates = new Conv2d(inputChannels, 4 * channels, 3, { padding: 1, rng, dtype })
    this.hiddenGates = new Conv2d(channels, 4 * channels, 3, { padding: 1, bias: false, rng, dtype })
  }

  initialState(batch: number): PictureState {
    const zero = () => zeros([batch, this.outputSize, this.height, this.width], { dtype: this.dtype })
    return { hidden: zero(), cell: zero() }
  }

  step(x: Tensor, state: PictureState): StepResult<PictureState> {
    const sum = add(this.inputGates.forward(x), this.hiddenGates.forward(state.hidden))
    const [input, forget, candidate, output] = split(sum, 4, { axis: 1 })
    const cell = add(multiply(sigmoid(forget), state.cell), multiply(sigmoid(input), tanh(candidate)))
    const hidden = multiply(sigmoid(output), tanh(cell))
    return { output: hidden, state: { hidden, cell } }
  }
}

const float64 = 'float64' as const

test('runs with lengths, backwards, in both directions and from a state', () => {
  const rng = new Rng(1)
  const options = { height: 4, width: 3, rng, dtype: float64 }
  const cell = new ConvLstmCell(2, 3, options)
  const x = rng.normal([2, 5, 2, 4, 3], { dtype: float64 })
  const exact = { relative: 1e-12, absolute: 1e-14 }
  const { output, state } = new Rnn(cell).forward(x, { lengths: [5, 2] })
  expect(output.shape).toEqual([2, 5, 3, 4, 3])
  expect(state.cell.shape).toEqual([2, 3, 4, 3])
  expect(slice(output, [1, [2, 5]]).data.every((value) => value === 0)).toBe(true)
  // The second row alone, cut to its length.
  const row = slice(x, [
    [1, 2],
    [0, 2],
  ])
  const alone = new Rnn(cell).forward(row)
  expectClose(slice(state.cell, [[1, 2]]), alone.state.cell, exact)
  // In two parts.
  const first = new Rnn(cell).forward(slice(row, [undefined, [0, 1]]))
  const second = new Rnn(cell).forward(slice(row, [undefined, [1, 2]]), { initialState: first.state })
  expectClose(second.state.hidden, alone.state.hidden, exact)
  // Backwards: the last of two pictures comes first.
  const backwards = new Rnn(cell, { reverse: true })
  const swapped = slice(row, [undefined, [1, 2]])
  const turned = backwards.forward(x, { lengths: [5, 2] })
  const begun = cell.step(slice(swapped, [undefined, 0]), cell.initialState(1))
  expectClose(slice(turned.output, [[1, 2], 1]), begun.output, exact)
  const both = new Bidirectional(new Rnn(cell), new Rnn(new ConvLstmCell(2, 3, options), { reverse: true }))
  expect(both.forward(x, { lengths: [5, 2] }).output.shape).toEqual([2, 5, 6, 4, 3])
  expect(() => new Rnn(cell).forward(x, { initialState: cell.initialState(3) })).toThrow(
    /expected state 'hidden' float64\[2, 3, 4, 3\], got float64\[3, 3, 4, 3\]/,
  )
})

test('has right gradients', () => {
  const rng = new Rng(2)
  const cell = new ConvLstmCell(1, 1, { height: 2, width: 2, rng, dtype: float64 })
  const x = rng.normal([2, 3, 1, 2, 2], { dtype: float64 })
  checkGradients(() => weightedSum(new Rnn(cell).forward(x, { lengths: [3, 1] })), [
    x,
    ...cell.parameters(),
  ] as Tensor<'float64'>[])
})

interface Dots {
  /** `[rows, steps, 1, size, size]` */
  readonly frames: Tensor
  /** Where the dot is, `[rows, steps]`. */
  readonly places: Tensor<'int32'>
}

/** A dot on a dark picture that goes one pixel a step in a direction of its own and never meets the border. */
function movingDots(rows: number, { steps, size, rng }: { steps: number; size: number; rng: Rng }): Dots {
  const places = new Int32Array(rows * steps)
  for (let row = 0; row < rows; row++) {
    const along = rng.integer(0, size - steps + 1)
    const [across, backwards, down] = [rng.integer(0, size), rng.integer(0, 2), rng.integer(0, 2)]
    for (let t = 0; t < steps; t++) {
      const at = along + (backwards === 1 ? steps - 1 - t : t)
      places[row * steps + t] = down === 1 ? at * size + across : across * size + at
    }
  }
  const found = tensor(places, { shape: [rows, steps] })
  return { frames: reshape(oneHot(found, size * size), [rows, steps, 1, size, size]), places: found }
}

class NextFrame extends Module {
  readonly layer: Rnn<PictureState>
  readonly head: Conv2d

  constructor(size: number, rng: Rng) {
    super()
    this.layer = new Rnn(new ConvLstmCell(1, 8, { height: size, width: size, rng }))
    this.head = new Conv2d(8, 1, 3, { padding: 1, rng })
  }

  /** From all pictures but the last to logits of the places in the third and later, `[rows * (steps - 2), places]`. */
  forward(frames: Tensor): Tensor {
    const { output } = this.layer.forward(slice(frames, [undefined, [0, -1]]))
    const [batch, time, ...picture] = output.shape
    // One picture tells no direction.
    const seen = slice(output, [undefined, [1, time]])
    return reshape(this.head.forward(reshape(seen, [batch * (time - 1), ...picture])), [batch * (time - 1), -1])
  }
}

test('learns where a moving dot goes next, which the last picture does not tell', () => {
  const [steps, size] = [5, 7]
  const rng = new Rng(3)
  const model = new NextFrame(size, rng.split())
  const optimizer = new Adam(model.parameters(), { learningRate: 0.02 })
  const after = (places: Tensor<'int32'>, from: number, to: number) =>
    reshape(slice(places, [undefined, [from, to]]), [-1])
  for (let step = 0; step < 120; step++) {
    const { frames, places } = movingDots(16, { steps, size, rng })
    const { grads } = valueAndGrad(model, () => crossEntropy(model.forward(frames), after(places, 2, steps)))
    clipGradNorm(grads, 1)
    optimizer.step(grads)
  }
  const { frames, places } = movingDots(100, { steps, size, rng: new Rng(4) })
  const wanted = after(places, 2, steps).data
  const right = (guesses: ArrayLike<number>) =>
    wanted.reduce((count, place, i) => count + Number(place === guesses[i]), 0) / wanted.length
  // Copying the last picture is always wrong; the best guess without a direction is right once in four.
  expect(right(after(places, 1, steps - 1).data)).toBe(0)
  expect(right(argmax(model.forward(frames), { axis: 1 }).data)).toBeGreaterThan(0.8)
})
