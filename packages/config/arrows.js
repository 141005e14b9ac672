// The arrow table: which package may import which at run time, and on which layer it stands. eslint.js and
// scripts/check-arrows.mjs read it; a new package begins with a line here. It does not hold development dependencies:
// a package's tests may use any other package.

/** Arrows go only downwards. `mayImport` names packages without their scope. */
export const arrows = {
  kernels: { layer: 0, mayImport: [] },
  tensor: { layer: 0, mayImport: ['kernels'] },
  tokenizers: { layer: 0, mayImport: [] },
  native: { layer: 1, mayImport: ['kernels'] },
  autograd: { layer: 1, mayImport: ['tensor'] },
  nn: { layer: 1, mayImport: ['kernels', 'tensor'] },
  optim: { layer: 1, mayImport: ['kernels', 'tensor'] },
  datasets: { layer: 1, mayImport: ['tensor'] },
  safetensors: { layer: 1, mayImport: ['tensor'] },
  rnn: { layer: 2, mayImport: ['kernels', 'tensor', 'nn'] },
  train: { layer: 3, mayImport: ['tensor', 'autograd', 'nn', 'optim', 'datasets', 'safetensors'] },
  report: { layer: 4, mayImport: ['train'] },
  forecasting: { layer: 4, mayImport: ['tensor', 'nn', 'optim', 'rnn', 'train'] },
  'create-ostinato': { layer: 5, mayImport: [] },
}

/** The only arrow between two packages of one layer. */
export const sameLayer = ['tensor -> kernels']

/** Packages without any runtime dependency from outside this repository. */
export const core = ['kernels', 'tensor', 'tokenizers', 'autograd', 'nn', 'optim', 'rnn']

/** Packages that are commands, not libraries: they run in Node alone. */
export const programs = ['create-ostinato']

/** Private packages for development: never a runtime dependency of a published package. */
export const tools = ['config', 'consumer-tests', 'reference-tests', 'test-utils']

export const scope = '@ostinato/'
export const appScope = '@ostinato-apps/'
