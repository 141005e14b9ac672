// What the scores of generated text share: their input, its checks, counts of n-grams. No score.

/** A word, a character, or the id of one. */
export type Token = string | number

/** Generated text, one an example. */
export type Candidates = readonly (readonly Token[])[]

/** The true texts: for each example one or several. */
export type References = readonly (readonly (readonly Token[])[])[]

/** @throws RangeError with all faults of the two lists */
export function checkTexts(where: string, candidates: Candidates, references: References): void {
  const faults: string[] = []
  if (candidates.length !== references.length || candidates.length === 0) {
    const sizes = `${candidates.length} and ${references.length}`
    faults.push(`expected as many candidates as lists of references, at least one, got ${sizes}`)
  }
  const bare = references.findIndex((list) => list.length === 0)
  if (bare >= 0) faults.push(`expected at least one reference for each candidate, got none at position ${bare}`)
  const wrong = references.findIndex((list) => list.some((reference) => !Array.isArray(reference)))
  if (wrong >= 0) {
    faults.push(`expected a list of references, each a list of tokens, got something else at position ${wrong}: write [tokens] for a single one`)
  }
  if (faults.length > 0) throw new RangeError(`${where}: ${faults.join('; ')}`)
}

/** Gives equal n-grams equal names. The number 1 and the text `'1'` are different tokens. */
export class NGrams {
  readonly #ids = new Map<Token, number>()

  /** n-gram -> how often it occurs in `tokens`. */
  count(tokens: readonly Token[], n: number): Map<string, number> {
    const ids = tokens.map((token) => this.#idOf(token))
    const counts = new Map<string, number>()
    for (let at = 0; at + n <= ids.length; at++) {
      const name = ids.slice(at, at + n).join(' ')
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    return counts
  }

  #idOf(token: Token): number {
    let id = this.#ids.get(token)
    if (id === undefined) {
      id = this.#ids.size
      this.#ids.set(token, id)
    }
    return id
  }
}
