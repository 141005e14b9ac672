// The jobs of ours.ts with the kernels in machine code, where their addon has been built.
import '@ostinato/native'
import './ours.ts'
