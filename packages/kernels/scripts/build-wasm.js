// Compiles assembly/ twice, with SIMD and with relaxed SIMD, and writes the bytes as text into src/generated/. Frequent
// bytes are one character, so that a compressor sees what repeats, within a build and between the two: in a bundle they
// take half of what base64 would.
// The same sources give the same bytes: CI runs this and looks for a difference.
import asc from 'assemblyscript/asc'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const builds = [
  { name: 'simd', features: ['simd'] },
  { name: 'relaxedSimd', file: 'relaxed-simd', features: ['simd', 'relaxed-simd'] },
]

/** Printable ASCII but for the quote, the backslash and the two marks; src/wasm/bytes.ts has the same. */
const digits = Array.from({ length: 93 }, (_, i) => String.fromCharCode(i + 32)).filter(c => !'\'\\'.includes(c))

await mkdir(`${root}src/generated`, { recursive: true })
const compiled = []
for (const build of builds) compiled.push({ ...build, binary: await compile(build.features) })
const order = byFrequency(compiled.map(({ binary }) => binary))
await writeGenerated('order', 'order', Buffer.from(order).toString('hex'))
for (const { name, file = name, binary } of compiled) {
  await writeGenerated(file, name, encode(binary, order))
  console.log(`${file}: ${binary.length} bytes`)
}

async function writeGenerated(file, name, text) {
  const lines = [
    '// Generated from assembly/ by `pnpm --filter @ostinato/kernels build:wasm`. Not to be edited.',
    `export const ${name} =`,
    `  '${text}'`,
    '',
  ]
  await writeFile(`${root}src/generated/${file}.ts`, lines.join('\n'))
}

/** All bytes, the most frequent first. */
function byFrequency(binaries) {
  const counts = new Array(256).fill(0)
  for (const binary of binaries) for (const byte of binary) counts[byte] += 1
  return Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b)
}

/** What src/wasm/bytes.ts decodes. */
function encode(binary, order) {
  const ranks = new Array(256)
  order.forEach((byte, rank) => { ranks[byte] = rank })
  let text = ''
  for (const byte of binary) {
    const page = Math.floor(ranks[byte] / digits.length)
    text += ['', '}', '~'][page] + digits[ranks[byte] % digits.length]
  }
  return text
}

async function compile(features) {
  let binary
  const { error, stderr } = await asc.main(
    [
      'assembly/index.ts', '--baseDir', root, '--outFile', 'out.wasm',
      '--importMemory', '--initialMemory', '2', '--maximumMemory', '65536', '--zeroFilledMemory',
      '--runtime', 'stub', '--optimizeLevel', '3', '--converge', '--noAssert', '--use', 'abort=',
      // Sizes are u32 and pointers usize; both are 32 bits in the one target that there is.
      '--disableWarning', '201',
      ...features.flatMap(feature => ['--enable', feature]),
    ],
    { writeFile: (_, contents) => { binary = contents } },
  )
  if (error || binary === undefined) throw new Error(`assembly did not compile: ${error?.message}\n${stderr}`)
  return binary
}
