// Schedules: what they give at the places that matter, their edges, and their errors. PyTorch's courses are reference
// cases, run elsewhere.
import {
  constant, cosineDecay, exponentialDecay, linearDecay, multiStepDecay, oneCycle, sequence, stepDecay, warmRestarts,
  warmup, type Schedule,
} from '@ostinato/optim'
import { expectClose } from '@ostinato/test-utils'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const rates = (schedule: Schedule, count: number, start = 0) =>
  Array.from({ length: count }, (_, i) => schedule(start + i))
const close = (actual: number[], expected: number[]) =>
  expectClose(actual, expected, { relative: 1e-12, absolute: 1e-15 })

describe('decays', () => {
  test('constant', () => expect(rates(constant(0.3), 3)).toEqual([0.3, 0.3, 0.3]))

  test('stepDecay', () => close(rates(stepDecay(1, { every: 2 }), 5), [1, 1, 0.1, 0.1, 0.01]))

  test('multiStepDecay takes milestones in any order, twice, and at step 0', () => {
    close(rates(multiStepDecay(1, { milestones: [4, 2], factor: 0.5 }), 6), [1, 1, 0.5, 0.5, 0.25, 0.25])
    close(rates(multiStepDecay(1, { milestones: [0, 1, 1], factor: 0.5 }), 3), [0.5, 0.125, 0.125])
    close(rates(multiStepDecay(1, { milestones: [10, 9], factor: 0.5 }), 2, 9), [0.5, 0.25])
    expect(rates(multiStepDecay(1, { milestones: [] }), 2)).toEqual([1, 1])
  })

  test('exponentialDecay', () => close(rates(exponentialDecay(2, { factor: 0.5 }), 3), [2, 1, 0.5]))

  test('linearDecay stays at its end, and may climb', () => {
    close(rates(linearDecay(1, { steps: 4, final: 0.2 }), 6), [1, 0.8, 0.6, 0.4, 0.2, 0.2])
    close(rates(linearDecay(0, { steps: 2, final: 1 }), 4), [0, 0.5, 1, 1])
  })
})

describe('cosines', () => {
  test('cosineDecay falls to the minimum and climbs again', () => {
    close(rates(cosineDecay(1, { steps: 2, minimum: 0.5 }), 5), [1, 0.75, 0.5, 0.75, 1])
  })

  test('warmRestarts starts each cycle at the top', () => {
    const schedule = warmRestarts(1, { period: 2, growth: 3, minimum: 0.5 })
    close([0, 2, 8, 26].map(schedule), [1, 1, 1, 1])
    close([1, 5, 17].map(schedule), [0.75, 0.75, 0.75])
    close(rates(warmRestarts(1, { period: 2 }), 5), [1, 0.5, 1, 0.5, 1])
  })

  test('property: a cycle of warmRestarts is the cosine of its length', () => {
    const [periods, growths] = [fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4 })]
    fc.assert(fc.property(periods, growths, fc.nat(500), (period, growth, step) => {
      let [start, length] = [0, period]
      while (start + length <= step) [start, length] = [start + length, length * growth]
      const schedule = warmRestarts(0.7, { period, growth, minimum: 0.1 })
      close([schedule(step)], [cosineDecay(0.7, { steps: length, minimum: 0.1 })(step - start)])
    }))
  })
})

describe('oneCycle', () => {
  test('climbs along a line, then falls', () => {
    const schedule = oneCycle(1, { steps: 11, warmupFraction: 5 / 11, initialDivisor: 2, finalDivisor: 5, anneal: 'linear' })
    close(rates(schedule, 11), [0.5, 0.625, 0.75, 0.875, 1, 0.85, 0.7, 0.55, 0.4, 0.25, 0.1])
  })

  test('in three phases comes back to the first rate', () => {
    const schedule = oneCycle(1, {
      steps: 10, warmupFraction: 0.4, initialDivisor: 4, finalDivisor: 10, anneal: 'linear', threePhases: true,
    })
    close(rates(schedule, 10), [0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0.25 - 0.225 / 3, 0.25 - 0.45 / 3, 0.025])
  })

  test('holds its last rate after its end', () => {
    const schedule = oneCycle(1, { steps: 5 })
    close(rates(schedule, 3, 4), [4e-6, 4e-6, 4e-6])
  })

  test('a turn before step 0 leaves its phase out', () => {
    // The climb would end at step -0.4: step 0 is already 0.4 / 1.4 on the way down.
    close(rates(oneCycle(1, { steps: 2, anneal: 'linear' }), 2), [1 - (0.4 / 1.4) * (1 - 4e-6), 4e-6])
  })

  test('property: stays between its lowest rate and its peak, which it reaches to a step', () => {
    fc.assert(fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      fc.boolean(),
      fc.constantFrom('cosine', 'linear'),
      (steps, warmupFraction, threePhases, anneal) => {
        const course = rates(oneCycle(1, { steps, warmupFraction, threePhases, anneal }), steps + 2)
        for (const rate of course) {
          expect(rate).toBeGreaterThan(0)
          expect(rate).toBeLessThanOrEqual(1 + 1e-12)
        }
        expect(course[steps + 1]).toBe(course[steps])
      },
    ))
  })

  test('whatever the part of the climb, one of a single step has one rate', () => {
    expect(oneCycle(1, { steps: 1, warmupFraction: 1 })(0)).toBe(1)
    close([oneCycle(1, { steps: 1 })(0)], [4e-6])
  })
})

describe('schedules of schedules', () => {
  test('warmup rises evenly to the first rate, then begins the schedule', () => {
    close(rates(warmup(exponentialDecay(1, { factor: 0.5 }), 3), 6), [0.25, 0.5, 0.75, 1, 0.5, 0.25])
    close(rates(warmup(constant(2), 4, { from: 0 }), 6), [0, 0.5, 1, 1.5, 2, 2])
  })

  test('sequence begins each schedule at its own step 0', () => {
    const falling = linearDecay(1, { steps: 2 })
    close(rates(sequence([falling, constant(5), falling], { milestones: [2, 3] }), 6), [1, 0.5, 5, 1, 0.5, 0])
    expect(sequence([constant(1)], { milestones: [] })(99)).toBe(1)
    expect(sequence([constant(1), constant(2), constant(3)], { milestones: [1, 1] })(1)).toBe(3)
  })

  test('a warm-up is a sequence', () => {
    const rest = cosineDecay(1, { steps: 10 })
    const rise = linearDecay(0.2, { steps: 4, final: 1 })
    close(rates(warmup(rest, 4), 12), rates(sequence([rise, rest], { milestones: [4] }), 12))
  })
})

describe('errors', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['a rate below 0', () => constant(-1), /constant: expected learningRate to be a finite number of 0 or more, got -1/],
    ['a rate that is no number', () => cosineDecay(NaN, { steps: 1 }), /cosineDecay: .*got NaN/],
    ['all options at once', () => stepDecay(1, { every: 0, factor: -1 }), /stepDecay: 2 faults.*every.*got 0.*factor.*got -1/s],
    ['a missing option', () => linearDecay(1, {} as { steps: number }), /expected steps to be a whole number of 1 or more, got undefined/],
    ['no options', () => linearDecay(1, undefined as unknown as { steps: number }), /expected options \{ steps, final \}, got undefined/],
    ['a broken milestone', () => multiStepDecay(1, { milestones: [1, 2.5] }), /milestones .* got \[1, 2\.5\]/],
    ['an unknown option', () => oneCycle(1, { steps: 3, pct: 1 } as { steps: number }), /got 'pct'/],
    ['an unknown word', () => oneCycle(1, { steps: 3, anneal: 'cos' as 'cosine' }), /one of 'cosine', 'linear', got 'cos'/],
    ['three phases too long', () => oneCycle(1, { steps: 3, warmupFraction: 0.6, threePhases: true }), /at most 0.5 with three/],
    ['a growth below 1', () => warmRestarts(1, { period: 2, growth: 0.5 }), /growth/],
    ['a warm-up of a number', () => warmup(0.1 as unknown as Schedule, 5), /expected a schedule, got 0.1: make one with constant/],
    ['a warm-up of no steps', () => warmup(constant(1), 0), /steps to be a whole number of 1 or more, got 0/],
    ['milestones that descend', () => sequence([constant(1), constant(2), constant(3)], { milestones: [2, 1] }), /ascending/],
    ['milestones too few', () => sequence([constant(1), constant(2)], { milestones: [] }), /expected 1 milestones for 2 schedules, got 0/],
    ['no schedule', () => sequence([], { milestones: [] }), /at least one schedule/],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(RangeError)
    expect(run).toThrow(message)
  })

  test.each<[string, Schedule]>([
    ['constant', constant(1)],
    ['stepDecay', stepDecay(0.1, { every: 5 })],
    ['multiStepDecay', multiStepDecay(1, { milestones: [2] })],
    ['exponentialDecay', exponentialDecay(1, { factor: 0.5 })],
    ['linearDecay', linearDecay(1, { steps: 4 })],
    ['cosineDecay', cosineDecay(1, { steps: 4 })],
    ['warmRestarts', warmRestarts(1, { period: 4 })],
    ['oneCycle', oneCycle(1, { steps: 4 })],
    ['warmup', warmup(() => 1, 4)],
    ['sequence', sequence([() => 1, () => 2], { milestones: [2] })],
  ])('%s of a step that there is not', (name, schedule) => {
    for (const step of [-1, 0.5, NaN, Infinity, '1' as unknown as number]) {
      const got = typeof step === 'string' ? "'1'" : String(step)
      const message = `${name}: expected step to be a whole number of 0 or more, got ${got}`
      expect(() => schedule(step)).toThrow(new RangeError(message))
    }
    expect(schedule(0)).toBeGreaterThan(0)
  })
})
