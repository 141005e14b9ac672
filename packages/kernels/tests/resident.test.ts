// Weights that stay packed from call to call: nothing but time may tell. Not here: the values of a single pass.
import { describe, expect, it } from 'vitest'
import { availableBackends, elmanForward, gruForward, lstmForward, useBackend } from '../src/index.ts'
import { fill, numbers, to32 } from './support.ts'

const [batch, inputSize, hiddenSize] = [1, 7, 40]
type Run = (p: ReturnType<typeof problem>) => object
const kinds: readonly { readonly name: string; readonly gates: number; readonly run: Run }[] = [
  { name: 'elman', gates: 1, run: p => elmanForward({ ...p, nonlinearity: 'tanh' }) },
  { name: 'gru', gates: 3, run: p => gruForward(p) },
  { name: 'lstm', gates: 4, run: p => lstmForward(p) },
]

function problem(gates: number, weightsVersion?: number) {
  const next = numbers(5)
  const values = (length: number): Float32Array => to32(fill(length, next))
  return {
    layout: { batch, time: 3 }, inputSize, hiddenSize, weightsVersion,
    input: values(batch * 3 * inputSize),
    initialHidden: values(batch * hiddenSize),
    initialCell: values(batch * hiddenSize),
    weightIh: values(gates * hiddenSize * inputSize),
    weightHh: values(gates * hiddenSize * hiddenSize),
    biasIh: values(gates * hiddenSize),
    biasHh: values(gates * hiddenSize),
  }
}

describe.each(availableBackends())('weights that stay packed on %s', (backend) => {
  it.each(kinds)('give the same bits: $name', ({ gates, run }) => {
    useBackend(backend, () => {
      const p = problem(gates, 1)
      const expected = run(problem(gates))
      for (let call = 0; call < 3; call += 1) expect(run(p)).toEqual(expected)
    })
  })

  it.each(kinds)('are packed again at another version: $name', ({ gates, run }) => {
    useBackend(backend, () => {
      const p = problem(gates, 1)
      const before = run(p)
      p.weightIh.fill(0.125)
      p.weightHh.reverse()
      const after = run({ ...p, weightsVersion: 2 })
      expect(after).toEqual(run({ ...p, weightsVersion: undefined }))
      expect(after).not.toEqual(before)
    })
  })

  it('survive when the memory is needed for what passes keep, and give it back', () => {
    useBackend(backend, () => {
      const p = problem(4, 1)
      const expected = lstmForward(p)
      const many = Array.from({ length: 20 }, () => lstmForward({ ...problem(4), keep: true }))
      expect(lstmForward(p)).toEqual(expected)
      expect(many.every(({ output }) => output.every((v, i) => v === expected.output[i]))).toBe(true)
      for (let i = 0; i < 50; i += 1) expect(lstmForward({ ...problem(4, i) }).output).toEqual(expected.output)
    })
  })
})
