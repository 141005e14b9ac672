// Sampling: frequencies against exact distributions, what truncation leaves, streams of rows, live generation.
import { generate, gatherRows, greedySearch, sampleSequences, type DecodingStep, type Generated } from '@ostinato/rnn'
import { broadcastTo, log, Rng, tensor } from '@ostinato/tensor'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { conditionalOf, everything, markov, prefixState, prefixStep } from './decoding-support.ts'

/** A generator with the same distribution at every step. */
function always(probabilities: readonly number[]): DecodingStep<readonly []> {
  const logits = log(tensor(probabilities, { dtype: 'float64' }))
  return (tokens, state) => ({ logits: broadcastTo(logits, [tokens.size, probabilities.length]), state })
}

interface Truncation {
  readonly temperature?: number
  readonly topK?: number
  readonly topP?: number
}

/** How often each token is drawn. */
function draw(probabilities: readonly number[], options: Truncation, count = 4000): number[] {
  const counts = new Array<number>(probabilities.length).fill(0)
  const rows = sampleSequences(always(probabilities), {
    ...options,
    state: [],
    rows: count,
    start: 0,
    maxLength: 1,
    rng: new Rng(11),
  })
  for (const { tokens } of rows) counts[tokens[0]]++
  return counts
}

const support = (counts: readonly number[]) => counts.flatMap((count, token) => (count > 0 ? [token] : []))

/** Pearson's statistic over what can happen; what cannot must not. */
function chiSquare(counts: readonly number[], probabilities: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count)
  return probabilities.reduce((sum, probability, i) => {
    if (probability === 0) return counts[i] === 0 ? sum : Infinity
    return sum + (counts[i] - total * probability) ** 2 / (total * probability)
  }, 0)
}

const normalised = (weights: readonly number[]) => {
  const total = weights.reduce((sum, weight) => sum + weight)
  return weights.map((weight) => weight / total)
}

describe('sampleSequences', () => {
  const probabilities = [0.4, 0.05, 0.3, 0.15, 0.1]

  // The value of chi-square that one in 10,000 exceeds, for 1 to 4 degrees of freedom.
  const bounds = [15.14, 18.42, 21.11, 23.51]

  test.each<[Truncation, number[]]>([
    [{}, probabilities],
    [{ temperature: 0.5 }, normalised(probabilities.map((p) => p ** 2))],
    [{ temperature: 2 }, normalised(probabilities.map((p) => p ** 0.5))],
    [{ topK: 3 }, normalised([0.4, 0, 0.3, 0.15, 0])],
    [{ topP: 0.8 }, normalised([0.4, 0, 0.3, 0.15, 0])],
    [{ temperature: 2, topK: 4, topP: 0.5 }, normalised([0.4 ** 0.5, 0, 0.3 ** 0.5, 0, 0])],
  ])('draws from the exact distribution with %o', (options, exact) => {
    const degrees = exact.filter((p) => p > 0).length - 1
    expect(chiSquare(draw(probabilities, options), exact)).toBeLessThan(bounds[degrees - 1])
  })

  test('and the statistic tells a slightly wrong distribution', () => {
    const wrong = normalised(probabilities.map((p) => p ** 1.2))
    expect(chiSquare(draw(probabilities, {}), wrong)).toBeGreaterThan(bounds[3])
  })

  test('whole sequences come as often as their probability says, and carry it', () => {
    const state = prefixState(1, 3, 5)
    const rules = { end: 2, maxLength: 3 }
    const all = everything(conditionalOf(state, 0, 0), rules)
    const rows = 4000
    const repeated = gatherRows(state, new Int32Array(rows))
    const drawn = sampleSequences(prefixStep(), { state: repeated, start: 0, ...rules, rng: new Rng(2) })
    const name = ({ tokens, finished }: Pick<Generated, 'tokens' | 'finished'>) => `${tokens.join()} ${finished}`
    const places = new Map(all.map((sequence, i) => [name(sequence), i]))
    const counts = new Array<number>(all.length).fill(0)
    for (const row of drawn) {
      const place = places.get(name(row)) ?? expect.unreachable(name(row))
      counts[place]++
      expect(row.logProbability).toBeCloseTo(all[place].logProbability, 9)
    }
    // 15 sequences: 14 degrees of freedom.
    expect(all).toHaveLength(15)
    expect(
      chiSquare(
        counts,
        all.map(({ logProbability }) => Math.exp(logProbability)),
      ),
    ).toBeLessThan(42.58)
  })

  test('the log-probability is that of the step, whatever the truncation', () => {
    const [row] = sampleSequences(always([0.5, 0.3, 0.2]), {
      state: [],
      rows: 1,
      start: 0,
      maxLength: 3,
      rng: new Rng(1),
      temperature: 0.1,
      topK: 1,
    })
    expect(row.tokens).toEqual([0, 0, 0])
    expect(row.logProbability).toBeCloseTo(3 * Math.log(0.5), 12)
  })

  test.each<[string, number[], Truncation, number[]]>([
    ['exactly k, of equal ones the first', [0.1, 0.25, 0.25, 0.25, 0.15], { topK: 2 }, [1, 2]],
    ['k = 1', [0.3, 0.35, 0.35], { topK: 1 }, [1]],
    ['k of all', [0.2, 0.5, 0.3], { topK: 3 }, [0, 1, 2]],
    ['k above all', [0.2, 0.5, 0.3], { topK: 99 }, [0, 1, 2]],
    ['k above what can come', [0, 0.5, 0.5], { topK: 2 }, [1, 2]],
    ['a nucleus that is reached exactly', [0.25, 0.25, 0.25, 0.25], { topP: 0.5 }, [0, 1]],
    ['a nucleus just not reached', [0.25, 0.25, 0.25, 0.25], { topP: 0.51 }, [0, 1, 2]],
    ['a nucleus is never empty', [0.2, 0.5, 0.3], { topP: 1e-9 }, [1]],
    ['the most probable first', [0.1, 0.2, 0.3, 0.4], { topP: 0.65 }, [2, 3]],
    ['p = 1', [0.5, 0.49, 0.01], { topP: 1 }, [0, 1, 2]],
    // Of the three left, 0.4 + 0.3 is 7 / 9; of all it is 0.7.
    ['p of what k leaves', [0.4, 0.3, 0.2, 0.1], { topK: 3, topP: 0.75 }, [0, 1]],
    ['p without k', [0.4, 0.3, 0.2, 0.1], { topP: 0.75 }, [0, 1, 2]],
    ['p = 1 of what k leaves', [0.4, 0.3, 0.2, 0.1], { topK: 3, topP: 1 }, [0, 1, 2]],
    ['p alone at temperature 1', [0.8, 0.1, 0.1], { topP: 0.7 }, [0]],
    ['temperature before p', [0.8, 0.1, 0.1], { topP: 0.7, temperature: 4 }, [0, 1]],
    ['temperature 0', [0.3, 0.35, 0.35], { temperature: 0 }, [1]],
    ['a temperature of nearly 0', [0.3, 0.36, 0.34], { temperature: 1e-320, topK: 2 }, [1]],
  ])('leaves the right tokens: %s', (_, distribution, options, expected) => {
    expect(support(draw(distribution, options))).toEqual(expected)
  })

  test('finds a nucleus of many tokens among more', () => {
    const equal = new Array<number>(300).fill(1 / 300)
    expect(support(draw(equal, { topP: 0.5 }, 3000))).toEqual(Array.from({ length: 150 }, (_, token) => token))
  })

  test('bans hold before truncation', () => {
    const rows = sampleSequences(always([0.9, 0.05, 0.04, 0.01]), {
      state: [],
      rows: 200,
      start: 0,
      end: 1,
      maxLength: 4,
      minLength: 2,
      forbidden: [0],
      rng: new Rng(6),
      topK: 2,
    })
    // Until the end is permitted the two most probable are 2 and 3, then 1 and 2.
    for (const { tokens } of rows) {
      expect(tokens.length).toBeGreaterThanOrEqual(2)
      expect(tokens).not.toContain(0)
      expect(tokens.slice(2)).not.toContain(3)
    }
    expect(rows.some(({ tokens }) => tokens.includes(3))).toBe(true)
  })

  const cases = fc.record({
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
    rows: fc.integer({ min: 1, max: 5 }),
    maxLength: fc.integer({ min: 1, max: 12 }),
    topK: fc.constantFrom(undefined, 1, 3),
    topP: fc.constantFrom(undefined, 0.6, 1),
    temperature: fc.constantFrom(undefined, 0.5, 0, 3),
  })

  test('a batch gives what its rows give one by one, and a row alone what generate gives', () => {
    fc.assert(
      fc.property(cases, ({ seed, rows, maxLength, ...truncation }) => {
        const state = prefixState(rows, 5, seed)
        const given = Object.entries(truncation).filter(([, value]) => value !== undefined)
        const options = { start: 0, end: 4, maxLength, ...(Object.fromEntries(given) as Truncation) }
        const batch = sampleSequences(prefixStep(), { ...options, state, rng: new Rng(seed) })
        const [alone, live] = [new Rng(seed), new Rng(seed)]
        batch.forEach((row, i) => {
          const own = gatherRows(state, [i])
          expect(sampleSequences(prefixStep(), { ...options, state: own, rng: alone })).toEqual([row])
          const stream = generate(prefixStep(), { ...options, state: own, rng: live })
          const tokens: number[] = []
          let next = stream.next()
          for (; next.done !== true; next = stream.next()) tokens.push(next.value)
          expect(tokens).toEqual(row.tokens)
          expect(next.value).toEqual(row)
        })
      }),
      { numRuns: 100 },
    )
  })

  test('a temperature of 0 is greedy search', () => {
    const options = { state: prefixState(4, 6, 8), start: 2, end: 0, maxLength: 9 }
    const greedy = greedySearch(prefixStep(), options)
    expect(sampleSequences(prefixStep(), { ...options, rng: new Rng(1), temperature: 0 })).toEqual(greedy)
    expect(sampleSequences(prefixStep(), { ...options, rng: new Rng(1), temperature: 1e-6 })).toEqual(greedy)
  })

  test('a seed repeats, another differs', () => {
    const options = { state: prefixState(2, 6, 8), start: 2, maxLength: 20 }
    const run = (seed: number) => sampleSequences(prefixStep(), { ...options, rng: new Rng(seed) })
    expect(run(1)).toEqual(run(1))
    expect(run(1)).not.toEqual(run(2))
    expectTypeOf(run).returns.toEqualTypeOf<Generated[]>()
  })

  test('lists every option that is impossible', () => {
    const options = { state: [], rows: 1, start: 0, maxLength: 0 } as const
    const wrong = { temperature: -1, topK: 1.5, topP: 0, rng: 7 as unknown as Rng }
    expect(() => sampleSequences(always([1]), { ...options, ...wrong })).toThrow(
      /sampleSequences: 5 faults[^]*maxLength[^]*temperature that is finite and 0 or more, got -1[^]*topK[^]*got 1.5[^]*topP above 0 and at most 1, got 0[^]*expected an rng/,
    )
  })
})

describe('generate', () => {
  test('runs a step for each token that is asked for, and no more', () => {
    let steps = 0
    const table = markov([
      [0.5, 0.5],
      [0.5, 0.5],
    ])
    const step: typeof table = (tokens, state) => {
      steps++
      return table(tokens, state)
    }
    const stream = generate(step, { state: [], start: 0, rng: new Rng(3) })
    expect(steps).toBe(0)
    stream.next()
    expect(steps).toBe(1)
    for (const token of stream) {
      expect(token === 0 || token === 1).toBe(true)
      if (steps === 500) break
    }
    expect(steps).toBe(500)
    expect(stream.next().done).toBe(true)
    expectTypeOf(stream).toEqualTypeOf<Generator<number, Generated, void>>()
  })

  test('checks its options when it is called', () => {
    expect(() => generate(always([1]), { state: [], start: 0, rng: new Rng(1), topP: 2 })).toThrow(
      /generate: expected topP/,
    )
    expect(() => generate(always([1]), { state: tensor([[1], [2]]), start: 0, rng: new Rng(1) } as never)).toThrow(
      'generate: expected a state of 1 rows, got 2',
    )
  })
})
