// Registers the addon before each test file. OSTINATO_NATIVE_SET names the instruction set to test.
import { useInstructionSet } from '../src/index.ts'

const named = process.env.OSTINATO_NATIVE_SET
if (named !== undefined) useInstructionSet(named)
