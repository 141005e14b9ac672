// The hypotheses of a beam search, row by row and step by step. Its rules are written down at `beamSearch`.
import { BeamState } from './beam-state.ts'
import { Best } from './best.ts'
import type { Plan } from './options.ts'
import type { StateTree } from './state-tree.ts'
import type { DecodingStep, Hypothesis } from './step.ts'
import { Stepper } from './stepper.ts'

/** The step and what a beam search is told beyond any other. */
export interface BeamPlan<S extends StateTree> {
  readonly step: DecodingStep<S>
  readonly width: number
  readonly lengthPenalty: number
  readonly results: number
}

/** A hypothesis: its last token and what came before. */
interface Node {
  readonly token: number
  /** Undefined: `token` is the start token. */
  readonly parent: Node | undefined
  /** The number of tokens after the start token. */
  readonly length: number
  readonly logProbability: number
}

/** A hypothesis that is not continued. */
interface Aside {
  /** Its last token, the end token left out. */
  readonly node: Node
  readonly logProbability: number
  readonly score: number
}

interface Beam {
  readonly row: number
  /** Best first. */
  open: readonly Node[]
  /** Finished ones, best first, no more than results are asked for. */
  readonly ended: Aside[]
  /** Those cut at the greatest length or without a permitted continuation, likewise. */
  readonly cut: Aside[]
}

export class BeamRows<S extends StateTree> {
  readonly #plan: Plan
  readonly #own: BeamPlan<S>
  readonly #stepper: Stepper<S>
  readonly #best = new Best()

  constructor(plan: Plan, own: BeamPlan<S>) {
    this.#plan = plan
    this.#own = own
    this.#stepper = new Stepper(plan, own.step)
  }

  /** Searches from the state before the first step. */
  run(first: S): Hypothesis[][] {
    const beams = Array.from(this.#plan.start, (token, row): Beam => {
      return { row, open: [{ token, parent: undefined, length: 0, logProbability: 0 }], ended: [], cut: [] }
    })
    const states = new BeamState(first, beams.length)
    for (let active = beams; active.length > 0; ) {
      const after = this.#stepper.run(
        Int32Array.from(active.flatMap(({ open }) => open.map(({ token }) => token))),
        states.state,
      )
      let at = 0
      const parents = active.flatMap((beam) => {
        const start = at
        at += beam.open.length
        return this.#extend(beam, start)
      })
      active = active.filter(({ open }) => open.length > 0)
      if (active.length > 0) states.move(after, parents)
    }
    return beams.map((beam) => this.#results(beam))
  }

  /**
   * Replaces the open hypotheses of a row, which stand at `start` and after in the batch, by the best of their
   * continuations. Returns the places of their parents in the batch.
   */
  #extend(beam: Beam, start: number): number[] {
    const { width, results } = this.#own
    this.#best.reset(width)
    beam.open.forEach((node, i) => this.#offer(beam, node, { at: start + i, place: i }))
    const { values, ids } = this.#best.take()
    const { vocabulary } = this.#stepper
    const open: Node[] = []
    const parents: number[] = []
    ids.forEach((id, i) => {
      const place = Math.floor(id / vocabulary)
      const token = id % vocabulary
      const parent = beam.open[place]
      const logProbability = values[i]
      if (token === this.#plan.end) {
        const score = logProbability / this.#penalty(parent.length + 1)
        putAside(beam.ended, { node: parent, logProbability, score }, results)
      } else {
        open.push({ token, parent, length: parent.length + 1, logProbability })
        parents.push(start + place)
      }
    })
    if (this.#stepper.steps === this.#plan.maxLength) for (const node of open) this.#cut(beam, node)
    const settled = this.#stepper.steps === this.#plan.maxLength || this.#settled(beam, open)
    beam.open = settled ? [] : open
    return settled ? [] : parents
  }

  /** Offers all continuations of a hypothesis, which is at `at` in the batch and at `place` in its row. */
  #offer(beam: Beam, node: Node, { at, place }: { readonly at: number; readonly place: number }): void {
    const tokens = this.#plan.noRepeatNgram === undefined ? { length: node.length } : tokensOf(node)
    const { scores, normaliser } = this.#stepper.read(at, beam.row, tokens)
    const first = place * scores.length
    let permitted = false
    for (let token = 0; token < scores.length; token++) {
      if (scores[token] === -Infinity) continue
      permitted = true
      this.#best.offer(node.logProbability + (scores[token] - normaliser), first + token)
    }
    if (!permitted) this.#cut(beam, node)
  }

  /** Whether nothing that continues `open`, which is in order, can come among the results. */
  #settled({ ended }: Beam, open: readonly Node[]): boolean {
    const { results } = this.#own
    if (open.length === 0 || ended.length < results) return false
    return ended[results - 1].score >= open[0].logProbability / this.#penalty(this.#plan.maxLength)
  }

  /** lp of Wu et al. 2016, eq. 14. */
  #penalty(length: number): number {
    return ((5 + length) / 6) ** this.#own.lengthPenalty
  }

  #cut(beam: Beam, node: Node): void {
    const { logProbability, length } = node
    putAside(beam.cut, { node, logProbability, score: logProbability / this.#penalty(length) }, this.#own.results)
  }

  #results({ ended, cut }: Beam): Hypothesis[] {
    const result = ({ node, logProbability, score }: Aside, finished: boolean): Hypothesis => {
      return { tokens: tokensOf(node), logProbability, score, finished }
    }
    return [...ended.map((aside) => result(aside, true)), ...cut.map((aside) => result(aside, false))].slice(
      0,
      this.#own.results,
    )
  }
}

/** Puts `aside` where it belongs among those kept, after its equals; only the best `limit` stay. */
function putAside(kept: Aside[], aside: Aside, limit: number): void {
  let at = kept.length
  while (at > 0 && kept[at - 1].score < aside.score) at--
  kept.splice(at, 0, aside)
  if (kept.length > limit) kept.pop()
}

/** The tokens of a hypothesis, without the start token. */
function tokensOf(last: Node): number[] {
  const tokens = new Array<number>(last.length)
  for (let node: Node | undefined = last; node !== undefined && node.length > 0; node = node.parent) {
    tokens[node.length - 1] = node.token
  }
  return tokens
}
