import { testExamples } from '@ostinato/test-utils'

testExamples(import.meta.url)
