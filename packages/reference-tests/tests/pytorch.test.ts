// Every reference case, in float64 and in float32. A case that cannot be run is a failure.
import { fixtures, fixturesMissing } from '@ostinato/test-utils'
import { afterAll, describe, expect, test } from 'vitest'
import { runCase } from '../src/run-case.ts'

const missing = fixturesMissing()
// `test:fixtures` asks for the cases by name; a plain `test` goes on without them where they are not at hand, and says
// so.
const required = Boolean(process.env['OSTINATO_FIXTURES_REQUIRED'] ?? process.env['OSTINATO_FIXTURES'])

describe.skipIf(missing !== undefined && !required)('PyTorch reference cases', () => {
  if (missing !== undefined) {
    if (!required) console.warn(`SKIPPED: the PyTorch reference cases: ${missing}`)
    test('the folder of cases is there', () => {
      expect(missing).toBeUndefined()
    })
    return
  }
  const cases = fixtures()
  let [ran, passed] = [0, 0]
  for (const fixture of cases) {
    test(fixture.name, () => {
      ran++
      runCase(fixture)
      passed++
    })
  }
  afterAll(() => {
    process.stdout.write(`PyTorch reference cases: ${passed} passed, ${ran - passed} failed\n`)
  })
})
