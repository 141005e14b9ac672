import { testExamples } from '@ostinato/test-utils'
import { pages } from './pages.ts'

testExamples(import.meta.url, pages)
