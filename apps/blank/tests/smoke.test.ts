// The network learns, and the same seed gives the same network.
import { expect, test } from 'vitest'
import { loadRows } from '../src/data.ts'
import { train } from '../src/train.ts'

test('it is right on rows that it did not see', async () => {
  const { testAccuracy } = await train({ seed: 1 })
  expect(testAccuracy).toBeGreaterThan(0.95)
})

test('the same seed gives the same network, bit by bit', async () => {
  const [one, other] = [await train({ seed: 2, epochs: 1 }), await train({ seed: 2, epochs: 1 })]
  expect(Array.from(one.model.state(), ([, value]) => value.toArray()))
    .toEqual(Array.from(other.model.state(), ([, value]) => value.toArray()))
})

test('the parts share no row', () => {
  const parts = Object.values(loadRows({ seed: 3 })).map((rows) => Array.from(rows, ({ values }) => values.join()))
  expect(new Set(parts.flat()).size).toBe(1024)
})
