// The bench of the kernels. `pnpm bench` runs every group; `pnpm bench matrix sequences` runs those named.
import { backend } from '@ostinato/kernels'
import { benchConvolution } from './convolution.ts'
import { benchElementwise } from './elementwise.ts'
import { benchMatrix } from './matrix.ts'
import { line } from '../output.ts'
import { benchSequences } from './sequences.ts'

const groups = {
  matrix: benchMatrix,
  convolution: benchConvolution,
  elementwise: benchElementwise,
  sequences: benchSequences,
}
const isGroup = (name: string): name is keyof typeof groups => name in groups

const named = process.argv.slice(2)
const unknown = named.filter(name => !isGroup(name))
if (unknown.length > 0) {
  line(`bench: expected groups among ${Object.keys(groups).join(', ')}, got ${unknown.join(', ')}`)
  process.exitCode = 2
} else {
  line(`Node ${process.versions.node}, ${process.arch}; float32 backend: ${backend()}`)
  for (const name of named.length > 0 ? named.filter(isGroup) : Object.keys(groups).filter(isGroup)) groups[name]()
}
