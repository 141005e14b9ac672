// `pnpm sizes`: the sizes of small programs, minified and compressed, against their budgets. Fails above one.
import { gzipSync } from 'node:zlib'
import { bundle } from './bundle.ts'
import { line, table } from './output.ts'
import { programs } from './programs.ts'

const rows: (readonly string[])[] = []
const large: string[] = []
for (const { name, budget, source } of programs) {
  const text = await bundle(source)
  const size = gzipSync(text, { level: 9 }).length
  rows.push([name, String(text.length), String(size), String(budget)])
  if (size > budget) large.push(`${name}: expected at most ${budget} bytes, got ${size}`)
}
table('bytes', [['', 'minified', 'gzip', 'budget'], ...rows])
for (const text of large) line(`sizes: ${text}`)
if (large.length > 0) process.exitCode = 1
