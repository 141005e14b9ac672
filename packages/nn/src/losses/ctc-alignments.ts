// The sum over all alignments of one sequence, in the log domain, and its derivative. Arrays only; the loss is in
// ctc.ts.

/** One sequence: `logProbabilities[start + t * stride + c]` for step t and class c. */
export interface CtcSequence {
  readonly logProbabilities: ArrayLike<number>
  readonly start: number
  readonly stride: number
  /** The number of steps. */
  readonly steps: number
  readonly target: ArrayLike<number>
  readonly blank: number
}

/**
 * The negative log-likelihood of `target`, Infinity when no alignment is possible; where `gradient` is given, adds to
 * it, at the places of `logProbabilities`, the derivative times `-1`: how probable each class is at each step, given
 * the target.
 *
 * Graves et al. 2006, "Connectionist temporal classification", eq. 6-10 and 14-16, with logarithms for rescaling:
 * `forward[t][s]` is α, `backward[s]` is β without the emission at t.
 */
export function ctcAlignments(sequence: CtcSequence, posterior?: { [index: number]: number }): number {
  const { logProbabilities, start, stride, steps, target, blank } = sequence
  const labels = withBlanks(target, blank)
  const count = labels.length
  if (steps === 0) return count === 1 ? 0 : Infinity
  const emission = (t: number, s: number) => logProbabilities[start + t * stride + labels[s]]
  /** Whether a path may go from state s - 2 to s: over a blank between two labels that differ. */
  const skips = (s: number) => s > 1 && labels[s] !== blank && labels[s] !== labels[s - 2]

  const forward = new Float64Array(steps * count).fill(-Infinity)
  for (let s = 0; s < Math.min(2, count); s++) forward[s] = emission(0, s)
  for (let t = 1; t < steps; t++) {
    const before = (t - 1) * count
    for (let s = 0; s < count; s++) {
      const arriving = addLogs(
        forward[before + s],
        s > 0 ? forward[before + s - 1] : -Infinity,
        skips(s) ? forward[before + s - 2] : -Infinity,
      )
      forward[t * count + s] = arriving + emission(t, s)
    }
  }
  const last = steps * count - 1
  const likelihood = addLogs(forward[last], count > 1 ? forward[last - 1] : -Infinity, -Infinity)
  if (posterior === undefined || likelihood === -Infinity) return -likelihood

  let backward = new Float64Array(count).fill(-Infinity)
  for (let s = Math.max(0, count - 2); s < count; s++) backward[s] = 0
  for (let t = steps - 1; ; t--) {
    for (let s = 0; s < count; s++) {
      posterior[start + t * stride + labels[s]] += Math.exp(forward[t * count + s] + backward[s] - likelihood)
    }
    if (t === 0) return -likelihood
    const leaving = backward.map((b, s) => b + emission(t, s))
    const from = (s: number) => (s < count ? leaving[s] : -Infinity)
    backward = leaving.map((stay, s) => addLogs(stay, from(s + 1), skips(s + 2) ? from(s + 2) : -Infinity))
  }
}

/** The target with a blank before, between and after its labels. */
function withBlanks(target: ArrayLike<number>, blank: number): Int32Array {
  const labels = new Int32Array(2 * target.length + 1).fill(blank)
  for (let i = 0; i < target.length; i++) labels[2 * i + 1] = target[i]
  return labels
}

/** `log(e^a + e^b + e^c)`. */
function addLogs(a: number, b: number, c: number): number {
  const most = Math.max(a, b, c)
  return most === -Infinity ? most : most + Math.log(Math.exp(a - most) + Math.exp(b - most) + Math.exp(c - most))
}
