// The workloads W1 to W7: their sizes and their data, which are the same for every peer (see ../peers). Not here: the
// models, which each library builds its own way.

/** One workload that trains a model; sizes as in the table of the README. */
export interface Workload {
  readonly kind: 'lstm' | 'gru'
  readonly task: 'classify' | 'language' | 'regress' | 'generate'
  /** Words; 0 where the input is numbers. */
  readonly vocabulary: number
  /** Features of the input: of the embedding where there is one. */
  readonly features: number
  readonly hidden: number
  readonly layers: number
  readonly time: number
  readonly batch: number
  readonly outputs: number
  readonly optimizer: 'adam' | 'sgd'
  readonly learningRate: number
}

const lstm = { kind: 'lstm', layers: 1, batch: 32, optimizer: 'adam', learningRate: 1e-3 } as const

export const workloads = {
  W1: { ...lstm, task: 'classify', vocabulary: 10_000, features: 64, hidden: 64, time: 100, outputs: 2 },
  W2: { ...lstm, task: 'language', vocabulary: 64, features: 64, hidden: 128, time: 64, outputs: 64 },
  W3: {
    ...lstm, task: 'language', vocabulary: 1000, features: 256, hidden: 512, layers: 2, time: 32, outputs: 1000,
    optimizer: 'sgd', learningRate: 1,
  },
  W4: { ...lstm, kind: 'gru', task: 'regress', vocabulary: 0, features: 8, hidden: 32, time: 60, batch: 64, outputs: 1 },
  W5: { ...lstm, task: 'generate', vocabulary: 64, features: 64, hidden: 128, time: 1, batch: 1, outputs: 64 },
} satisfies Record<string, Workload>

/** Sides of the square products of W6. */
export const productSizes = [256, 512, 1024]
/** Elements of W7. */
export const elementCount = 1_000_000
/** Tokens that one run of W5 generates. */
export const generatedSteps = 500

/** One fixed batch: ids `[batch, time]` or numbers `[batch, time, features]`, and targets. */
export interface Batch {
  readonly ids: Int32Array
  readonly numbers: Float32Array
  /** `[batch]` or `[batch, time]` classes. */
  readonly classes: Int32Array
  /** `[batch]` numbers. */
  readonly values: Float32Array
}

/** The generator mulberry32: numbers in [0, 1), the same in every language. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Numbers in [-1, 1). */
export function randomNumbers(length: number, seed: number): Float32Array {
  const random = mulberry32(seed)
  return Float32Array.from({ length }, () => random() * 2 - 1)
}

/** The batch of a workload; the loss on it must fall. */
export function makeBatch({ task, vocabulary, features, time, batch }: Workload): Batch {
  const random = mulberry32(1234)
  const below = (n: number): number => Math.floor(random() * n)
  const ids = new Int32Array(vocabulary > 0 ? batch * time : 0)
  const numbers = new Float32Array(vocabulary > 0 ? 0 : batch * time * features)
  const classes = new Int32Array(task === 'classify' ? batch : task === 'language' ? batch * time : 0)
  const values = new Float32Array(task === 'regress' ? batch : 0)
  for (let b = 0; b < batch; b += 1) {
    if (task === 'classify') {
      // The class is the half of the vocabulary that most words are from.
      classes[b] = b & 1
      for (let t = 0; t < time; t += 1) {
        const half = random() < 0.8 ? classes[b] : 1 - classes[b]
        ids[b * time + t] = half * (vocabulary / 2) + below(vocabulary / 2)
      }
    } else if (task === 'language') {
      let id = below(vocabulary)
      for (let t = 0; t < time; t += 1) {
        ids[b * time + t] = id
        id = random() < 0.9 ? (5 * id + 3) % vocabulary : below(vocabulary)
        classes[b * time + t] = id
      }
    } else if (task === 'regress') {
      const phase = random() * 6.283185307179586
      for (let t = 0; t < time; t += 1) {
        for (let f = 0; f < features; f += 1) {
          numbers[(b * time + t) * features + f] = Math.sin(0.1 * (f + 1) * t + phase) + 0.1 * (random() - 0.5)
        }
      }
      values[b] = Math.sin(0.1 * time + phase)
    }
  }
  return { ids, numbers, classes, values }
}
