// Beam search against searches written plainly: over everything, and with everything sorted.
import { beamSearch, greedySearch, type DecodingStep, type Hypothesis } from '@ostinato/rnn'
import { gather, log, Rng, tensor, type Tensor } from '@ostinato/tensor'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  conditionalOf,
  everything,
  markov,
  plainBeam,
  prefixState,
  prefixStep,
  ranked,
  scoreOf,
  type Plain,
  type Rules,
} from './decoding-support.ts'

/** The results that a plain search expects, with room for rounding. */
const expected = (plain: readonly Plain[], alpha: number, results: number) =>
  ranked(plain, alpha)
    .slice(0, results)
    .map((hypothesis) => ({
      ...hypothesis,
      logProbability: expect.closeTo(hypothesis.logProbability, 9) as number,
      score: expect.closeTo(scoreOf(hypothesis, alpha), 9) as number,
    }))

describe('beamSearch', () => {
  test('a beam wide enough finds the best of everything, in order', () => {
    const examples = fc.record({
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      rows: fc.integer({ min: 1, max: 3 }),
      maxLength: fc.integer({ min: 1, max: 5 }),
      minLength: fc.constantFrom(0, 0, 1),
      lengthPenalty: fc.constantFrom(0, 0.6, 1, 2.5),
      results: fc.integer({ min: 1, max: 8 }),
    })
    fc.assert(
      fc.property(examples, ({ seed, rows, lengthPenalty, results, ...limits }) => {
        const rules: Rules = { end: 2, ...limits }
        const state = prefixState(rows, 3, seed)
        const found = beamSearch(prefixStep(), { state, start: 0, ...rules, width: 64, lengthPenalty, results })
        found.forEach((row, i) => {
          const all = everything(conditionalOf(state, i, 0), rules)
          expect(row).toEqual(expected(all, lengthPenalty, results))
        })
      }),
      { numRuns: 150 },
    )
  })

  test('stopping early changes nothing: it equals a search that sorts everything and goes on to the end', () => {
    const examples = fc.record({
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      rows: fc.integer({ min: 1, max: 4 }),
      vocabulary: fc.integer({ min: 3, max: 8 }),
      maxLength: fc.integer({ min: 1, max: 10 }),
      width: fc.integer({ min: 1, max: 5 }),
      results: fc.integer({ min: 1, max: 5 }),
      lengthPenalty: fc.constantFrom(0, 0.6, 1, 3),
      noRepeatNgram: fc.constantFrom(undefined, 1, 2, 3),
      forbid: fc.boolean(),
    })
    fc.assert(
      fc.property(examples, ({ seed, rows, vocabulary, maxLength, forbid, noRepeatNgram, ...example }) => {
        const options = { ...example, results: Math.min(example.results, example.width) }
        const rules: Rules = {
          end: 0,
          maxLength,
          ...(forbid && { forbidden: [2] }),
          ...(noRepeatNgram !== undefined && { noRepeatNgram }),
        }
        const state = prefixState(rows, vocabulary, seed)
        const found = beamSearch(prefixStep(), { state, start: 1, ...rules, ...options })
        found.forEach((row, i) => {
          const plain = plainBeam(conditionalOf(state, i, 1), rules, options.width)
          expect(row).toEqual(expected(plain, options.lengthPenalty, options.results))
        })
      }),
      { numRuns: 200 },
    )
  })

  // 0 is the start, 3 the end. Token 1 looks better at first, but what follows it is unsure.
  const garden = markov([
    [0, 0.6, 0.4, 0],
    [0, 0.35, 0.35, 0.3],
    [0, 0, 0.1, 0.9],
    [0, 0, 0, 1],
  ])
  const options = { state: [], rows: 1, start: 0, end: 3, maxLength: 8 } as const

  test('a beam of 2 finds what greedy search misses', () => {
    const [greedy] = greedySearch(garden, options)
    const [[best]] = beamSearch(garden, { ...options, width: 2 })
    expect(greedy.tokens).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
    expect(best).toMatchObject({ tokens: [2], finished: true })
    expect(best.logProbability).toBeCloseTo(Math.log(0.4 * 0.9), 12)
    expect(best.score).toBe(best.logProbability)
  })

  test('the length penalty decides between a short and a long result', () => {
    // Either the end at once, 0.5, or four sure tokens and the end, 0.4 in all.
    const chain = markov([
      [0, 0.4, 0, 0, 0, 0.5],
      [0, 0, 1, 0, 0, 0],
      [0, 0, 0, 1, 0, 0],
      [0, 0, 0, 0, 1, 0],
      [0, 0, 0, 0, 0, 1],
      [0, 0, 0, 0, 0, 1],
    ])
    const search = (lengthPenalty: number) =>
      beamSearch(chain, { ...options, end: 5, width: 2, results: 2, lengthPenalty })[0]
    const logs = { short: Math.log(0.5 / 0.9), long: Math.log(0.4 / 0.9) }
    expect(search(0).map(({ tokens }) => tokens.length)).toEqual([0, 4])
    // |Y| with the end: 1 and 5; lp = 1 and (10 / 6)^alpha.
    expect(search(1).map(({ tokens }) => tokens.length)).toEqual([4, 0])
    expect(search(1)[0].score).toBeCloseTo(logs.long / (10 / 6), 12)
    expect(search(1)[1].score).toBeCloseTo(logs.short, 12)
    // They are equal at this alpha, and change places there.
    const even = Math.log(logs.long / logs.short) / Math.log(10 / 6)
    expect(search(even - 1e-6)[0].tokens).toHaveLength(0)
    expect(search(even + 1e-6)[0].tokens).toHaveLength(4)
  })

  test('a row stops as soon as no other can win, and not before', () => {
    const steps = (lengthPenalty: number) => {
      let count = 0
      const step: typeof garden = (tokens, state) => {
        count++
        return garden(tokens, state)
      }
      const [[best]] = beamSearch(step, { ...options, maxLength: 100, width: 2, lengthPenalty })
      return { count, tokens: best.tokens }
    }
    // [2, end] has 0.36; what is open after two steps has 0.6 * 0.35 at most.
    expect(steps(0)).toEqual({ count: 2, tokens: [2] })
    // With a penalty a hypothesis of 100 tokens could still win: the search goes on until its probability rules it out.
    const { count } = steps(1)
    expect(count).toBeGreaterThan(2)
    expect(count).toBeLessThan(100)
  })

  test('finished hypotheses come before cut ones, which fill what is left', () => {
    const [row] = beamSearch(garden, { ...options, maxLength: 2, width: 3, results: 3 })
    expect(row.map(({ finished }) => finished)).toEqual([true, false, false])
    expect(row[0].tokens).toEqual([2])
    expect(row[1].logProbability).toBeCloseTo(Math.log(0.6 * 0.35), 12)
    // Equal ones: the lower token first.
    expect(row.slice(1).map(({ tokens }) => tokens)).toEqual([
      [1, 1],
      [1, 2],
    ])
  })

  test('gives fewer results when there are no more hypotheses', () => {
    const step = markov([
      [0, 1],
      [0, 1],
    ])
    const found = beamSearch(step, { state: [], rows: 2, start: 0, end: 1, maxLength: 5, width: 4, results: 4 })
    expect(found).toEqual([1, 2].map(() => [{ tokens: [], logProbability: 0, score: 0, finished: true }]))
    expectTypeOf(found).toEqualTypeOf<Hypothesis[][]>()
  })

  test('the step runs on one hypothesis a row at first, then on the open ones of the rows that have not ended', () => {
    // Row 0 starts with 0 and never ends, row 1 starts with 2, which the end follows.
    const step = markov([
      [0.5, 0.5, 0, 0],
      [0.5, 0.5, 0, 0],
      [0, 0, 0, 1],
      [0, 0, 0, 1],
    ])
    const sizes: number[] = []
    const counted: typeof step = (tokens, state) => {
      sizes.push(tokens.size)
      return step(tokens, state)
    }
    beamSearch(counted, { state: [], start: [0, 2], end: 3, maxLength: 4, width: 3 })
    expect(sizes).toEqual([2, 2, 3, 3])
  })

  test('what a step hands on untouched is not copied while rows keep their places, and is right when they do not', () => {
    type Carried = { readonly memory: Tensor; readonly count: Tensor<'int32'> }
    const vocabulary = 4
    const seen: Tensor[] = []
    // Row n ends after n + 2 steps; its memory, which the logits show, tells it.
    const step: DecodingStep<Carried> = (tokens, { memory, count }) => {
      seen.push(memory)
      const logits = Array.from(count.data, (t, i) => (t > memory.data[i] ? [-9, -9, -9, 9] : [1, 0.5, 0.2, -9]))
      return {
        logits: tensor(logits.flat(), { shape: [tokens.size, vocabulary] }),
        state: { memory, count: tensor(count.data.map((t) => t + 1)) },
      }
    }
    const state = { memory: tensor([[3], [0], [6]]), count: tensor([0, 0, 0], { dtype: 'int32' }) }
    const rows = beamSearch(step, { state, start: 0, end: 3, maxLength: 20, width: 3 })
    expect(rows.map(([best]) => best.tokens.length)).toEqual([4, 1, 7])
    expect(seen.map(({ shape }) => shape[0])).toEqual([3, 9, 6, 6, 6, 3, 3, 3])
    expect(seen[3]).toBe(seen[2])
    expect(seen[7]).toBe(seen[5])
    expect([...seen[2].data]).toEqual([3, 3, 3, 6, 6, 6])
  })

  test('goes through the whole vocabulary when a beam is wider than it', () => {
    const rng = new Rng(4)
    const table = log(tensor(Array.from({ length: 9 }, () => Array.from({ length: 9 }, () => rng.next()))))
    const step: DecodingStep<readonly []> = (tokens, state) => ({ logits: gather(table, tokens), state })
    const [row] = beamSearch(step, { ...options, end: 8, maxLength: 3, width: 40, results: 40 })
    expect(row).toHaveLength(40)
    expect(new Set(row.map(({ tokens, finished }) => `${tokens.join()} ${finished}`)).size).toBe(40)
    expect(
      row.every(({ score }, i) => i === 0 || row[i - 1].finished !== row[i].finished || score <= row[i - 1].score),
    ).toBe(true)
  })

  test('thousands of steps need no stack', () => {
    const [[best]] = beamSearch(
      markov([
        [0.6, 0.4],
        [0.3, 0.7],
      ]),
      { ...options, end: 1, minLength: 4000, maxLength: 4001, width: 2 },
    )
    expect(best.tokens).toHaveLength(4000)
  })
})
