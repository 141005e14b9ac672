// The recurrent sequences at their edges: rows of length 0, padding, what is kept, errors, types.
import { describe, expect, expectTypeOf, it } from 'vitest'
import { availableBackends, elmanForward, gruForward, lstmBackward, lstmForward, useBackend } from '../src/index.ts'
import type { ElmanSaved, LstmResult, LstmSaved, Saved } from '../src/index.ts'

const f32 = (length: number): Float32Array => new Float32Array(length).fill(0.5)

const problem = {
  layout: { batch: 2, time: 3, lengths: Int32Array.of(3, 0) }, inputSize: 2, hiddenSize: 4, keep: true,
  input: f32(12), initialHidden: f32(8), initialCell: f32(8), weightIh: f32(32), weightHh: f32(64), biasIh: f32(16),
} as const

describe.each(availableBackends())('lstm on %s', (name) => {
  it('leaves a row of length 0 in its initial state, and passes its gradient on', () => {
    useBackend(name, () => {
      const { output, hidden, cell, saved } = lstmForward(problem)
      expect(hidden.subarray(4)).toEqual(f32(4))
      expect(cell.subarray(4)).toEqual(f32(4))
      expect(output.subarray(12).every((v) => v === 0)).toBe(true)
      const ones = new Float32Array(8).fill(1)
      const gradients = lstmBackward(saved, { hidden: ones, cell: ones })
      expect(gradients.initialHidden.subarray(4)).toEqual(ones.subarray(4))
      expect(gradients.initialCell.subarray(4)).toEqual(ones.subarray(4))
      expect(gradients.input.subarray(6).every((v) => v === 0)).toBe(true)
      expect(gradients.biasHh).toBeUndefined()
    })
  })

  it('does not read what lies past a length, forward or backward', () => {
    useBackend(name, () => {
      const input = problem.input.slice().fill(NaN, 6)
      const { output, saved } = lstmForward({ ...problem, input })
      expect(output).toEqual(lstmForward(problem).output)
      const gradients = lstmBackward(saved, { output: new Float32Array(24).fill(1, 0, 12).fill(NaN, 12) })
      const { weightIh, weightHh, biasIh, initialHidden, initialCell } = gradients
      for (const values of [gradients.input, weightIh, weightHh, biasIh, initialHidden, initialCell]) {
        expect(values?.some(Number.isNaN)).toBe(false)
      }
    })
  })

  it('saves only when told, and leaves out the gradient of the input when told', () => {
    useBackend(name, () => {
      expect('saved' in lstmForward({ ...problem, keep: false })).toBe(false)
      const { saved } = lstmForward(problem)
      expect('input' in lstmBackward(saved, {}, { inputGradient: false })).toBe(false)
    })
  })
})

it('sequence errors name every array that does not fit', () => {
  const call = (): unknown =>
    gruForward({ ...problem, input: f32(11), biasIh: f32(9), weightIh: f32(24), weightHh: f32(48) })
  expect(call).toThrow(RangeError)
  expect(call).toThrow(/gruForward: expected input \[batch=2, time=3, input=2\] of 12 elements, got 11/)
  expect(call).toThrow(/biasIh \[3\*hidden=12\] of 12 elements, got 9/)
  expect(() => lstmForward({ ...problem, initialCell: f32(7) })).toThrow(/initialCell \[batch=2, hidden=4\]/)
  expect(() => lstmForward({ ...problem, hiddenSize: 0 })).toThrow(/hiddenSize to be a whole number, 1 or more/)
  const layout = { batch: 2, time: 3, lengths: Int32Array.of(3, 4) }
  expect(() => lstmForward({ ...problem, layout })).toThrow(/0\.\.time=3, got 4 in row 1/)
  expect(() => lstmForward({ ...problem, layout: { ...layout, lengths: Int32Array.of(1) } })).toThrow(/lengths \[batch=2\]/)
  const sigmoid = 'sigmoid' as 'tanh'
  expect(() => elmanForward({ ...problem, weightIh: f32(8), weightHh: f32(16), biasIh: f32(4), nonlinearity: sigmoid }))
    .toThrow(/'tanh' or 'relu', got sigmoid/)
})

it('backward rejects what another kind saved, and gradients that do not fit', () => {
  const { saved } = lstmForward(problem)
  expect(() => lstmBackward(saved, { output: f32(3) })).toThrow(/output \[batch=2, time=3, hidden=4\] of 24 elements, got 3/)
  const other = gruForward({ ...problem, weightIh: f32(24), weightHh: f32(48), biasIh: f32(12) }).saved
  expect(() => lstmBackward(other as unknown as LstmSaved<Float32Array>, {})).toThrow(/lstmForward saved, got 'gru'/)
  expect(() => lstmBackward(undefined as unknown as LstmSaved<Float32Array>, {})).toThrow(/keep: true/)
})

it('types follow the problem', () => {
  const arrays = new Float64Array(4)
  const one = {
    layout: { batch: 1, time: 1 }, inputSize: 1, hiddenSize: 1, input: arrays.slice(0, 1),
    initialHidden: arrays.slice(0, 1), initialCell: arrays.slice(0, 1), weightIh: arrays, weightHh: arrays.slice(),
  }
  expectTypeOf(lstmForward<Float64Array>(one)).toEqualTypeOf<LstmResult<Float64Array>>()
  expectTypeOf(lstmForward<Float64Array>({ ...one, keep: true }).saved).toEqualTypeOf<LstmSaved<Float64Array>>()
  expectTypeOf<ElmanSaved<Float32Array>>().not.toExtend<Saved<'lstm', Float32Array>>()
  const { saved } = lstmForward<Float64Array>({ ...one, keep: true })
  expectTypeOf(lstmBackward(saved, {}).input).toEqualTypeOf<Float64Array>()
  expectTypeOf(lstmBackward(saved, {}, { inputGradient: false }).input).toEqualTypeOf<Float64Array | undefined>()
})
