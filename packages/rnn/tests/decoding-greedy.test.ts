// State trees, greedy search, and what all searches share: bans, stops by row, errors.
import { valueAndGrad } from '@ostinato/autograd'
import { Embedding, Linear } from '@ostinato/nn'
import {
  beamSearch,
  gatherRows,
  greedySearch,
  GruCell,
  mapState,
  rowsOf,
  sampleSequences,
  type DecodingStep,
  type Generated,
  type GruState,
  type StateTree,
} from '@ostinato/rnn'
import { full, isTraining, multiply, Rng, sum, tensor, withRecorder, zeros, type Tensor } from '@ostinato/tensor'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { conditionalOf, markov, plainBeam, prefixState, prefixStep, repeats, type Rules } from './decoding-support.ts'

describe('state trees', () => {
  const state = { layers: [{ hidden: tensor([[1], [2], [3]]) }], done: tensor([true, false, true]), nothing: [] }

  test('rows are taken in any order, of every type, and the form stays', () => {
    const taken = gatherRows(state, [2, 2, 0])
    expect(taken.layers[0].hidden.toArray()).toEqual([[3], [3], [1]])
    expect(taken.done.toArray()).toEqual([true, true, true])
    expect(taken.nothing).toEqual([])
    expect(gatherRows(state, Int32Array.of(1)).done.toArray()).toEqual([false])
    expect(gatherRows(state, tensor([], { dtype: 'int32' })).layers[0].hidden.shape).toEqual([0, 1])
    expectTypeOf(taken).toEqualTypeOf<typeof state>()
  })

  test('all rows in order are the state itself, but not if they only are as many', () => {
    expect(gatherRows(state, [0, 1, 2])).toBe(state)
    expect(gatherRows(state, [0, 2, 1])).not.toBe(state)
  })

  test('gradients pass', () => {
    const x = tensor([[1], [2]])
    const { grads } = valueAndGrad(x, () => sum(multiply(gatherRows({ x }, [1, 1, 0]).x, tensor([[1], [10], [100]]))))
    expect(grads.get(x)?.data).toEqual(Float32Array.of(100, 11))
  })

  test('a change is told the place of each tensor', () => {
    const places: string[] = []
    mapState(state, (leaf, place) => {
      places.push(place)
      return leaf
    })
    expect(places).toEqual(['state.layers[0].hidden', 'state.done'])
  })

  test('rows that differ are all named, and so is what is no tree', () => {
    expect(rowsOf(state)).toBe(3)
    expect(rowsOf([{}, []])).toBeUndefined()
    expect(() => rowsOf({ a: zeros([2, 3]), b: [zeros([3, 3]), zeros([])] })).toThrow(
      /rowsOf: 2 faults[^]*expected 2 rows as in state.a, got \[3, 3\] at state.b\[0\][^]*at state.b\[1\]: it has no axis/,
    )
    const wrong = { a: { b: new Map() } } as unknown as StateTree
    expect(() => gatherRows(wrong, [0])).toThrow(
      'gatherRows: expected tensors in lists and records, got a Map at state.a.b',
    )
    expect(() => rowsOf({ a: null } as unknown as StateTree)).toThrow(/got null at state.a/)
    expect(() => gatherRows(state, [0, 3])).toThrow(new RangeError('gatherRows: expected ids from 0 to 2, got 3 at 1'))
    expect(() => gatherRows(state, [0.5])).toThrow(/got 0.5 at 0/)
  })
})

/** Rules, a batch and a seed. */
const cases = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  rows: fc.integer({ min: 1, max: 5 }),
  vocabulary: fc.integer({ min: 3, max: 7 }),
  maxLength: fc.integer({ min: 1, max: 8 }),
  noRepeatNgram: fc.constantFrom(undefined, 1, 2, 3),
  minLength: fc.constantFrom(0, 0, 1, 3),
  forbid: fc.boolean(),
})

const rulesOf = (example: typeof cases extends fc.Arbitrary<infer T> ? T : never): Rules => {
  const { maxLength, noRepeatNgram, minLength, forbid, vocabulary } = example
  return {
    end: vocabulary - 1,
    maxLength,
    minLength: Math.min(minLength, maxLength),
    ...(forbid && { forbidden: [1] }),
    ...(noRepeatNgram !== undefined && { noRepeatNgram }),
  }
}

describe('greedySearch', () => {
  test('follows the most probable token of the whole prefix, in a batch as row by row, under every rule', () => {
    fc.assert(
      fc.property(cases, (example) => {
        const { seed, rows, vocabulary } = example
        const rules = rulesOf(example)
        const state = prefixState(rows, vocabulary, seed)
        const batch = greedySearch(prefixStep(), { state, start: 0, ...rules })
        batch.forEach((row, i) => {
          const [expected] = plainBeam(conditionalOf(state, i, 0), rules, 1)
          expect(row).toEqual({ ...expected, logProbability: expect.closeTo(expected.logProbability, 9) as number })
          expect(greedySearch(prefixStep(), { state: gatherRows(state, [i]), start: 0, ...rules })).toEqual([row])
        })
      }),
      { numRuns: 150 },
    )
  })

  test('a beam of width 1 is the same search, whatever the length penalty', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(0, 0.7, 3), (example, lengthPenalty) => {
        const state = prefixState(example.rows, example.vocabulary, example.seed)
        const options = { state, start: 0, ...rulesOf(example) }
        const narrow = beamSearch(prefixStep(), { ...options, width: 1, lengthPenalty })
        const greedy = greedySearch(prefixStep(), options)
        narrow.forEach((results, i) => {
          expect(results).toHaveLength(1)
          expect(results[0]).toMatchObject({ tokens: greedy[i].tokens, finished: greedy[i].finished })
          expect(results[0].logProbability).toBeCloseTo(greedy[i].logProbability, 9)
        })
      }),
      { numRuns: 100 },
    )
  })

  test('of equal tokens the first is taken', () => {
    const step = markov([[0.2, 0.4, 0.4]])
    expect(greedySearch(step, { state: [], rows: 1, start: 0, maxLength: 1 })[0].tokens).toEqual([1])
  })

  test('rows that end leave the batch', () => {
    // A row that starts with token n counts down to 0, the end.
    const table = Array.from({ length: 5 }, (_, token) => [0, 1, 2, 3, 4].map((next) => (next === token - 1 ? 1 : 0)))
    const sizes: number[] = []
    const countdown = markov(table)
    const step: typeof countdown = (tokens, state) => {
      sizes.push(tokens.size)
      return countdown(tokens, state)
    }
    const rows = greedySearch(step, { state: [], start: [2, 4, 1, 3], end: 0, maxLength: 9 })
    expect(rows.map(({ tokens }) => tokens)).toEqual([[1], [3, 2, 1], [], [2, 1]])
    expect(rows.every(({ finished, logProbability }) => finished && logProbability === 0)).toBe(true)
    expect(sizes).toEqual([4, 3, 2, 1])
  })

  test('the end token counts as one of maxLength', () => {
    const step = markov([
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 1],
    ])
    const search = (maxLength: number) => greedySearch(step, { state: [], rows: 1, start: 0, end: 2, maxLength })[0]
    expect(search(1)).toEqual({ tokens: [1], logProbability: 0, finished: false })
    expect(search(2)).toEqual({ tokens: [1], logProbability: 0, finished: true })
  })

  test('a row to which everything is forbidden stops there, unfinished', () => {
    const step = markov([
      [0.3, 0.6, 0.1],
      [0.3, 0.6, 0.1],
      [0.3, 0.6, 0.1],
    ])
    const options = { state: [], rows: 1, start: 0, end: 2, maxLength: 9, minLength: 5, noRepeatNgram: 1 } as const
    expect(greedySearch(step, options)).toMatchObject([{ tokens: [1, 0], finished: false }])
    expect(beamSearch(step, { ...options, width: 4, results: 4 })).toMatchObject([
      [
        { tokens: [1, 0], finished: false },
        { tokens: [0, 1], finished: false },
      ],
    ])
  })

  test('without rows there is nothing to run', () => {
    const step = () => expect.unreachable()
    const options = { state: zeros([0, 3]), start: 0, end: 1, maxLength: 5 }
    expect(greedySearch(step, options)).toEqual([])
    expect(beamSearch(step, { ...options, width: 2 })).toEqual([])
  })
})

describe('n-grams', () => {
  test.each([1, 2, 3])('no run of %i tokens comes twice, though the generator only wants to repeat', (n) => {
    const step = markov([
      [0.1, 0.8, 0.07, 0.03],
      [0.8, 0.1, 0.07, 0.03],
      [0.1, 0.8, 0.07, 0.03],
      [0.1, 0.8, 0.07, 0.03],
    ])
    const options = { state: [], rows: 3, start: 0, end: 3, maxLength: 30 } as const
    const blocked = { ...options, noRepeatNgram: n }
    expect(repeats(greedySearch(step, options)[0].tokens, n)).toBe(true)
    const results = [
      ...greedySearch(step, blocked),
      ...sampleSequences(step, { ...blocked, rng: new Rng(n) }),
      ...beamSearch(step, { ...blocked, width: 3, results: 3 }).flat(),
    ]
    for (const { tokens } of results) expect(repeats(tokens, n)).toBe(false)
    expect(results.some(({ tokens }) => n === 1 || repeats(tokens, n - 1))).toBe(true)
  })
})

describe('a search', () => {
  test('records nothing and does not train, wherever it runs', () => {
    const rng = new Rng(3)
    const [embedding, cell, head] = [
      new Embedding(5, 4, { rng }),
      new GruCell(4, 6, { rng }),
      new Linear(6, 5, { rng }),
    ]
    const training: boolean[] = []
    const step: DecodingStep<GruState> = (tokens, state) => {
      training.push(isTraining())
      const next = cell.step(embedding.forward(tokens), state)
      return { logits: head.forward(next.output), state: next.state }
    }
    const options = { state: cell.initialState(3), start: 1, end: 0, maxLength: 6 }
    const record = () => expect.unreachable()
    const results = withRecorder({ record, tracks: () => true }, () => [
      greedySearch(step, options),
      sampleSequences(step, { ...options, rng: new Rng(1) }),
      beamSearch(step, { ...options, width: 3 }),
    ])
    expect(results[0]).toEqual(greedySearch(step, options))
    expect(training).not.toContain(true)
    expectTypeOf(greedySearch(step, options)).toEqualTypeOf<Generated[]>()
    // @ts-expect-error the state of another cell
    expectTypeOf(greedySearch<GruState>).toBeCallableWith(step, { ...options, state: { cell: zeros([3, 6]) } })
  })

  const constant =
    (logits: Tensor): DecodingStep<readonly []> =>
    (_, state) => ({ logits, state })
  const options = { state: [], rows: 2, start: 0, maxLength: 3 } as const

  test('names the row and the step of logits that are not finite', () => {
    const step: DecodingStep<{ readonly t: Tensor }> = (tokens, { t }) => ({
      // Row 0 ends at step 1; of those left, row 2 of the batch breaks at step 2.
      logits: tensor(
        Array.from(tokens.data, (_, i) => (t.data[i] === 1 ? [0, 1] : t.data[i] === 12 ? [0, NaN] : [1, 0])),
      ),
      state: { t: tensor(t.data.map((value) => value + 1)) },
    })
    const search = () => greedySearch(step, { state: { t: tensor([0, 5, 10]) }, start: 0, end: 1, maxLength: 9 })
    expect(search).toThrow(RangeError)
    expect(search).toThrow(/expected logits that are finite or -Infinity, got NaN in row 2 at step 2, token 1/)
    expect(() =>
      greedySearch(
        constant(
          tensor([
            [0, 1],
            [Infinity, 0],
          ]),
        ),
        options,
      ),
    ).toThrow(/got Infinity in row 1 at step 0/)
    expect(() => beamSearch(constant(full([2, 4], -Infinity)), { ...options, width: 2 })).toThrow(
      /got -Infinity for all of row 0 at step 0/,
    )
  })

  test('takes -Infinity as a ban by the step itself', () => {
    const [row] = greedySearch(constant(tensor([[-Infinity, 3, -Infinity]])), { ...options, rows: 1 })
    expect(row).toEqual({ tokens: [1, 1, 1], logProbability: 0, finished: false })
  })

  test('refuses logits and states of a wrong form', () => {
    expect(() => greedySearch(constant(zeros([3, 4])), options)).toThrow(
      "greedySearch: step 0: expected logits [rows=2, vocabulary], got [3, 4]: axis 0 'rows' is 3",
    )
    expect(() => greedySearch(constant(zeros([2])), options)).toThrow(/it has 1 axes instead of 2/)
    expect(() => greedySearch(constant(zeros([2, 0])), options)).toThrow(/axis 1 'vocabulary' is 0/)
    const ids = zeros([2, 4], { dtype: 'int32' }) as unknown as Tensor
    expect(() => greedySearch(constant(ids), options)).toThrow(/float32 or float64, got int32/)
    let size = 4
    const growing: DecodingStep<readonly []> = (_, state) => ({ logits: zeros([2, size++]), state })
    expect(() => greedySearch(growing, options)).toThrow(
      /step 1: expected logits \[rows=2, vocabulary=4\], got \[2, 5\]/,
    )
    const losing: DecodingStep<Tensor> = () => ({ logits: zeros([2, 4]), state: zeros([1, 4]) })
    expect(() => greedySearch(losing, { state: zeros([2, 4]), start: 0, maxLength: 3 })).toThrow(
      /expected a state of the 2 rows that the step was given, got 1/,
    )
  })

  test('lists every option that is impossible', () => {
    const step = constant(zeros([2, 4]))
    const wrong = { start: [1, -1], end: 1.5, maxLength: 0, minLength: 2, noRepeatNgram: 0, forbidden: [-3] }
    const search = () => greedySearch(step, { ...options, ...wrong })
    expect(search).toThrow(RangeError)
    for (const fault of [
      /start tokens from 0 to 2147483647, got -1 at 1/,
      /maxLength to be an integer of 1 or more, got 0/,
      /minLength of at most maxLength 0, got 2/,
      /noRepeatNgram to be an integer of 1 or more, got 0/,
      /end to be an integer from 0 to 2147483647, got 1.5/,
      /forbidden\[0\] to be an integer from 0/,
      /^greedySearch: 6 faults/,
    ]) {
      expect(search).toThrow(fault)
    }
    expect(() => beamSearch(step, { ...options, width: 2, results: 3, lengthPenalty: -1 })).toThrow(
      /beamSearch: 2 faults[^]*results of at most width 2, got 3[^]*lengthPenalty that is finite and 0 or more, got -1/,
    )
    expect(() => beamSearch(step, { ...options, width: 0 })).toThrow(/width to be an integer of 1 or more/)
    expect(() => greedySearch(step, { ...options, maxLength: Infinity })).toThrow(/maxLength/)
  })

  test('refuses rows that do not agree, and tokens outside the vocabulary', () => {
    const step = constant(zeros([2, 4]))
    expect(() => greedySearch(step, { state: [], start: 0, maxLength: 3 })).toThrow(/pass \{ rows \}/)
    expect(() => greedySearch(step, { ...options, start: [0, 0, 0] })).toThrow(
      /one start token for each of 2 rows, got 3/,
    )
    const state = zeros([3, 1])
    expect(() => greedySearch(() => expect.unreachable(), { state, start: 0, rows: 2, maxLength: 3 })).toThrow(
      'greedySearch: expected a state of 2 rows, got 3',
    )
    expect(() => greedySearch(step, { ...options, end: 4, forbidden: [9] })).toThrow(
      /2 faults[^]*expected end to be below the 4 tokens of the logits, got 4[^]*forbidden\[0\][^]*got 9/,
    )
    expect(() => greedySearch(step, { ...options, end: 2, forbidden: [2] })).toThrow(/forbidden tokens without the end/)
  })
})
