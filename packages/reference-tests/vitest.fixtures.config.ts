// `test:fixtures`: the same tests, but a missing folder of cases is a failure.
import { testConfig } from '@ostinato/config/vitest'

export default testConfig({ env: { OSTINATO_FIXTURES_REQUIRED: '1' } })
