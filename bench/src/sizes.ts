// `pnpm sizes`: the sizes of the consumers' programs, bundled from the sources, minified and compressed, against their
// budgets: those to which the tests of consumers hold the published packages. Fails above one.
import { gzipSync } from 'node:zlib'
import { consumers } from '@ostinato/consumer-tests'
import { programFile } from '@ostinato/consumer-tests/places'
import { bundle } from './bundle.ts'
import { line, table } from './output.ts'

const rows: (readonly string[])[] = []
const large: string[] = []
for (const { name, budget } of consumers) {
  const program = JSON.stringify(programFile(name))
  const text = await bundle(`import { result } from ${program}\ndocument.body.textContent = result\n`, { split: true })
  const size = gzipSync(text, { level: 9 }).length
  rows.push([name, String(text.length), String(size), String(budget)])
  if (size > budget) large.push(`${name}: expected at most ${budget} bytes, got ${size}`)
}
table('bytes', [['', 'minified', 'gzip', 'budget'], ...rows])
for (const text of large) line(`sizes: ${text}`)
if (large.length > 0) process.exitCode = 1
