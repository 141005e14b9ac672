// expectClose: what it lets pass, what it refuses, and what its message says.
import { expect, test } from 'vitest'
import { expectClose } from '../src/index.ts'

test('passes within relative plus absolute tolerance, fails just outside', () => {
  const tolerance = { relative: 0.1, absolute: 0.5 }
  expectClose([10, -10, 0], [11.5, -11.5, 0.5], tolerance)
  expect(() => { expectClose([10], [11.7], tolerance) }).toThrow('1 of 1 values')
})

test('zero tolerance asks for equal numbers; -0 equals 0', () => {
  expectClose(new Float32Array([1, -0]), [1, 0], { relative: 0, absolute: 0 })
  expect(() => { expectClose([1], [1 + Number.EPSILON], { relative: 0, absolute: 0 }) }).toThrow()
})

test.each([
  [NaN, NaN, true],
  [Infinity, Infinity, true],
  [-Infinity, Infinity, false],
  [NaN, 1, false],
  [1, NaN, false],
  [Infinity, 1e308, false],
  [1e308, Infinity, false],
])('%s against %s: %s', (actual, expected, agrees) => {
  const run = () => { expectClose([actual], [expected], { relative: 1, absolute: 1 }) }
  if (agrees) run()
  else expect(run).toThrow('worst at 0')
})

test('names the index farthest outside its tolerance, also by axes, and counts the values outside', () => {
  const tensor = (data: number[]) => ({ shape: [2, 1, 3], data })
  expect(() => { expectClose(tensor([0, 2, 2, 3, 4, 5]), tensor([0, 1, 2, 3, 9, 5])) })
    .toThrow('2 of 6 values differ by more than 1e-7 + 0.00001 * |expected|; worst at 1 [0, 0, 1]: expected 1, got 2')
})

test('a NaN is worse than any distance', () => {
  expect(() => { expectClose([100, NaN], [0, 0]) }).toThrow('worst at 1')
})

test('shapes must agree where both sides have one, lengths always', () => {
  const data = [1, 2, 3, 4]
  expect(() => { expectClose({ shape: [2, 2], data }, { shape: [4], data }) }).toThrow('expected shape [4], got [2, 2]')
  expectClose({ shape: [2, 2], data }, new Float64Array(data))
  expect(() => { expectClose([1, 2], [1]) }).toThrow('expected 1 values, got 2')
  expect(() => { expectClose([], [NaN]) }).toThrow('expected 1 values, got 0')
})
