// Generators with known distributions for the tests of decoding, and searches written plainly, one row at a time.
import type { DecodingStep } from '@ostinato/rnn'
import { gather, log, Rng, tensor, type Tensor } from '@ostinato/tensor'

/** The token after each token is drawn from its row of `table`, as probabilities; there is no state. */
export function markov(table: readonly (readonly number[])[]): DecodingStep<readonly []> {
  const logits = log(tensor(table, { dtype: 'float64' }))
  return (tokens, state) => ({ logits: gather(logits, tokens), state })
}

/** What the generator below carries: a hash of the whole prefix, and what is added to every step's logits. */
export type PrefixState = {
  readonly hash: Tensor<'int32'>
  readonly memory: readonly [{ readonly bias: Tensor<'float64'> }]
}

const mix = (hash: number, token: number) => (Math.imul(hash ^ (token + 0x51ed), 0x9e3779b1) ^ (hash >>> 7)) | 0

/** Random logits that are a function of the whole prefix of a row, and of nothing else. */
function logitsOf(hash: number, bias: ArrayLike<number>): number[] {
  const noise = new Rng(hash).normal([bias.length], { dtype: 'float64', deviation: 1.5 })
  return Array.from(noise.data, (value, token) => value + bias[token])
}

/** A generator whose next token depends on every token before; `calls` takes the rows of each step. */
export function prefixStep(calls: number[] = []): DecodingStep<PrefixState> {
  return (tokens, { hash, memory }) => {
    calls.push(tokens.size)
    const next = Int32Array.from(tokens.data, (token, i) => mix(hash.data[i], token))
    const [rows, vocabulary] = memory[0].bias.shape
    const logits = Array.from(next, (value, i) =>
      logitsOf(value, memory[0].bias.data.subarray(i * vocabulary, (i + 1) * vocabulary)),
    )
    return {
      logits: tensor(logits.flat(), { shape: [rows, vocabulary], dtype: 'float64' }),
      state: { hash: tensor(next), memory },
    }
  }
}

/** A random state of `rows` rows for `prefixStep`. */
export function prefixState(rows: number, vocabulary: number, seed: number): PrefixState {
  const rng = new Rng(seed)
  const hash = tensor(Int32Array.from({ length: rows }, () => rng.integer(0, 2 ** 31)))
  return { hash, memory: [{ bias: rng.normal([rows, vocabulary], { dtype: 'float64' }) }] }
}

/** What the plain searches know of a row: the log-probabilities of the token after a prefix (without the start). */
export type Conditional = (prefix: readonly number[]) => readonly number[]

/** The conditional distribution of a row of `prefixStep`. */
export function conditionalOf({ hash, memory }: PrefixState, row: number, start: number): Conditional {
  const vocabulary = memory[0].bias.shape[1]
  const bias = memory[0].bias.data.subarray(row * vocabulary, (row + 1) * vocabulary)
  return (prefix) => {
    const logits = logitsOf([start, ...prefix].reduce(mix, hash.data[row]), bias)
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0)
    return logits.map((logit) => Math.log(Math.exp(logit) / total))
  }
}

/** The constraints that the plain searches share with the real ones. */
export interface Rules {
  readonly end: number
  readonly maxLength: number
  readonly minLength?: number
  readonly forbidden?: readonly number[]
  readonly noRepeatNgram?: number
}

/** Whether a run of `n` tokens stands twice in `tokens`. */
export function repeats(tokens: readonly number[], n: number): boolean {
  const runs = tokens.slice(n - 1).map((_, i) => tokens.slice(i, i + n).join())
  return new Set(runs).size < runs.length
}

/** The tokens that may follow a prefix. */
function permitted(prefix: readonly number[], vocabulary: number, rules: Rules): number[] {
  const { end, minLength = 0, forbidden = [], noRepeatNgram } = rules
  return Array.from({ length: vocabulary }, (_, token) => token).filter((token) => {
    if (token === end) return prefix.length >= minLength
    return !forbidden.includes(token) && !(noRepeatNgram !== undefined && repeats([...prefix, token], noRepeatNgram))
  })
}

/** A hypothesis of the plain searches. */
export interface Plain {
  readonly tokens: readonly number[]
  readonly logProbability: number
  readonly finished: boolean
}

export const scoreOf = ({ tokens, logProbability, finished }: Plain, alpha: number) =>
  logProbability / ((5 + tokens.length + (finished ? 1 : 0)) / 6) ** alpha

/** Best first: finished before cut, then by score; equals stay in order. */
export function ranked(hypotheses: readonly Plain[], alpha: number): Plain[] {
  return hypotheses.toSorted((a, b) => Number(b.finished) - Number(a.finished) || scoreOf(b, alpha) - scoreOf(a, alpha))
}

/** Every sequence that a generator can give. */
export function everything(conditional: Conditional, rules: Rules, prefix: Plain = empty): Plain[] {
  if (prefix.tokens.length === rules.maxLength) return [prefix]
  const logs = conditional(prefix.tokens)
  return permitted(prefix.tokens, logs.length, rules).flatMap((token) => {
    const logProbability = prefix.logProbability + logs[token]
    if (token === rules.end) return [{ tokens: prefix.tokens, logProbability, finished: true }]
    return everything(conditional, rules, { tokens: [...prefix.tokens, token], logProbability, finished: false })
  })
}

const empty: Plain = { tokens: [], logProbability: 0, finished: false }

/** Beam search that sorts everything and always goes on to the greatest length. */
export function plainBeam(conditional: Conditional, rules: Rules, width: number): Plain[] {
  const aside: Plain[] = []
  let open: readonly Plain[] = [empty]
  for (let step = 0; step < rules.maxLength; step++) {
    const continuations = open.flatMap((parent) => {
      const logs = conditional(parent.tokens)
      const tokens = permitted(parent.tokens, logs.length, rules)
      if (tokens.length === 0) aside.push(parent)
      return tokens.map((token) => ({ parent, token, logProbability: parent.logProbability + logs[token] }))
    })
    const kept = continuations.toSorted((a, b) => b.logProbability - a.logProbability).slice(0, width)
    const ends = kept.filter(({ token }) => token === rules.end)
    aside.push(...ends.map(({ parent, logProbability }) => ({ tokens: parent.tokens, logProbability, finished: true })))
    open = kept
      .filter(({ token }) => token !== rules.end)
      .map(({ parent, token, logProbability }) => {
        return { tokens: [...parent.tokens, token], logProbability, finished: false }
      })
  }
  return [...aside, ...open]
}
