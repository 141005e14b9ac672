import { testConfig } from '@ostinato/config/vitest'

export default testConfig()
