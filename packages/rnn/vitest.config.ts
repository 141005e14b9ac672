import { testConfig } from '@ostinato/config/vitest'

// The test of memory collects garbage before it measures.
export default testConfig({ execArgv: ['--expose-gc'] })
