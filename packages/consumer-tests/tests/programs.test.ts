// The two programs that predict hold the same classifier: one writes the file that the other reads, and both come to
// the same chances. What they weigh is in installs.consumers.ts.
import { encodeSafetensors } from '@ostinato/safetensors'
import { Rng } from '@ostinato/tensor'
import { expectClose } from '@ostinato/test-utils'
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { readClassifier, result, weights } from '../src/programs/inference-on-kernels.ts'
import { Classifier, result as expected } from '../src/programs/inference.ts'

test('the weights in the program are those that the model of layers writes', () => {
  const file = encodeSafetensors(new Classifier(1).state())
  expect(weights).toBe(Buffer.from(file).toString('base64'))
})

test('both programs say the same', () => {
  expect(result).toBe(expected)
})

test('any weights and lengths give the chances that the model of layers gives', () => {
  const rng = new Rng(2)
  const model = new Classifier(3)
  // Biases start as zeros, which would hide a bias in the wrong place.
  model.loadState(new Map(Array.from(model.state(), ([name, { shape }]) => [name, rng.normal(shape)])))
  const classify = readClassifier(encodeSafetensors(model.state()))
  for (const [time, lengths] of [[1, [1]], [7, [7, 0, 3, 7]], [40, [5, 40]]] as const) {
    const x = rng.normal([lengths.length, time, 2])
    expectClose(classify(x.data, lengths), model.forward(x, lengths).data, { relative: 0, absolute: 1e-6 })
  }
})

test('a file without one of the weights is refused, by its name', () => {
  const state = new Map(new Classifier(1).state())
  state.delete('head.bias')
  expect(() => readClassifier(encodeSafetensors(state))).toThrow('expected head.bias of float32')
})
