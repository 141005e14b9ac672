// The peers: what is installed for each, apart from the workspace, and how its program is run. Not here: the programs,
// which lie in ../peers.
import { node, root, type Program } from './processes.ts'

/** One peer, or one way of using it. */
export interface Peer extends Program {
  /** What npm installs into a folder of its own, or undefined for what the system has to offer. */
  readonly packages?: { readonly folder: string; readonly names: readonly string[] }
  /** Jobs that it cannot do, and why. */
  readonly cannot?: Readonly<Record<string, string>>
}

const folders = {
  tfjs: ['@tensorflow/tfjs@4.22.0', '@tensorflow/tfjs-backend-wasm@4.22.0'],
  jaxjs: ['@jax-js/jax@0.1.25'],
  brainjs2: ['brain.js@2.0.0-beta.24'],
  onnxruntime: ['onnxruntime-node@1.30.0'],
} as const

const packages = (folder: keyof typeof folders) => ({ folder, names: folders[folder] })
const one = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }
/** The Python of another PyTorch. */
const torch2 = process.env.PEER_TORCH2
const noTraining = 'no training in its npm package'

export const peers: readonly Peer[] = [
  {
    name: 'TensorFlow.js wasm', command: node('tfjs.mjs', '--backend=wasm', '--embed=polyfill'),
    packages: packages('tfjs'),
  },
  {
    name: 'jax-js wasm', command: node('jaxjs.mjs', '--embed=split'), packages: packages('jaxjs'),
    // Its split form is for training; what is left runs as it is.
    cannot: {},
  },
  {
    name: 'brain.js', command: node('brain.mjs', '--pkg=brainjs2', '--seqs=1'), packages: packages('brainjs2'),
    cannot: {
      'W1:train': 'has no classification of sequences', W1: 'has no classification of sequences',
      W6: 'has no public product', W7: 'has no public elementwise functions',
    },
  },
  {
    name: 'onnxruntime-node', command: node('ort.mjs', '--pkg=onnxruntime'), packages: packages('onnxruntime'),
    cannot: { 'W1:train': noTraining, 'W2:train': noTraining, 'W3:train': noTraining, 'W4:train': noTraining },
  },
  {
    name: 'PyTorch (Debian, OpenBLAS)', command: ['/usr/bin/python3', 'torch_peer.py', '--peer=pytorch-openblas'],
    env: { ...one, LD_LIBRARY_PATH: '/usr/lib/x86_64-linux-gnu/openblas-pthread' },
  },
  ...(torch2 === undefined ? [] : [{ name: 'PyTorch 2.x', command: [torch2, 'torch_peer.py', '--peer=pytorch-2'] }]),
].map(peer => ({ ...peer, cwd: `${root}peers` }))

/** Peers that were looked for and are not measured, each with its reason. */
export const absent: Readonly<Record<string, string>> = {
  ...(torch2 === undefined && {
    'PyTorch 2.x': 'not in a package of Debian; `PEER_TORCH2=/path/to/python` measures one that was installed with pip',
  }),
  '@tensorflow/tfjs-node': 'its installation downloads a library from outside the registry',
}
