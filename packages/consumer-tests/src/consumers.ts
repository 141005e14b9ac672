// The five ways in which the packages are used, and what each may cost: the one place of the size budgets.

/** A program outside the workspace that uses some packages. */
export interface Consumer {
  /** The file in src/programs/. */
  readonly name: string
  /** What it names in its package.json, without the scope. */
  readonly asks: readonly string[]
  /** All of this repository that is in its node_modules, without the scope. */
  readonly gets: readonly string[]
  /** What else is there, from outside. */
  readonly outside?: readonly string[]
  /** Packages that its bundle must not hold a byte of. */
  readonly bundleLacks: readonly string[]
  /** The largest bundle, minified and by gzip, in bytes. */
  readonly budget: number
  /** What the program has to say, in every runtime. */
  readonly says: RegExp
}

/** From the smallest to the whole. */
export const consumers: readonly Consumer[] = [
  {
    name: 'tokenizers',
    asks: ['tokenizers'],
    gets: ['tokenizers'],
    bundleLacks: [],
    budget: 6_000,
    says: /^a newer low$/,
  },
  {
    name: 'tensor',
    asks: ['tensor'],
    gets: ['kernels', 'tensor'],
    bundleLacks: [],
    budget: 21_500,
    says: /^17 39 4$/,
  },
  {
    name: 'inference-on-kernels',
    asks: ['kernels', 'safetensors'],
    gets: ['kernels', 'safetensors', 'tensor'],
    bundleLacks: ['nn', 'rnn', 'autograd', 'optim', 'datasets', 'train'],
    budget: 25_000,
    says: /^(0\.\d{3} ?){6}$/,
  },
  {
    name: 'inference',
    asks: ['nn', 'rnn', 'safetensors', 'tensor'],
    gets: ['kernels', 'nn', 'rnn', 'safetensors', 'tensor'],
    bundleLacks: ['autograd', 'optim', 'datasets', 'train'],
    budget: 40_000,
    says: /^(0\.\d{3} ?){6}$/,
  },
  {
    name: 'training',
    asks: ['datasets', 'nn', 'optim', 'rnn', 'tensor', 'train'],
    gets: ['autograd', 'datasets', 'kernels', 'nn', 'optim', 'rnn', 'safetensors', 'tensor', 'train'],
    // Reads the CSV files of datasets.
    outside: ['papaparse'],
    bundleLacks: ['tokenizers', 'report'],
    budget: 58_000,
    says: /^learned$/,
  },
]
