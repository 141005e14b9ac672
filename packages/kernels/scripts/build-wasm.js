// Compiles assembly/ twice, with SIMD and with relaxed SIMD, and writes the bytes as base64 into src/generated/.
// The same sources give the same bytes: CI runs this and looks for a difference.
import asc from 'assemblyscript/asc'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const builds = [
  { name: 'simd', features: ['simd'] },
  { name: 'relaxedSimd', file: 'relaxed-simd', features: ['simd', 'relaxed-simd'] },
]

await mkdir(`${root}src/generated`, { recursive: true })
for (const { name, file = name, features } of builds) {
  const binary = await compile(features)
  const lines = [
    '// Generated from assembly/ by `pnpm --filter @ostinato/kernels build:wasm`. Not to be edited.',
    `export const ${name} =`,
    `  '${Buffer.from(binary).toString('base64')}'`,
    '',
  ]
  await writeFile(`${root}src/generated/${file}.ts`, lines.join('\n'))
  console.log(`${file}: ${binary.length} bytes`)
}

async function compile(features) {
  let binary
  const { error, stderr } = await asc.main(
    [
      'assembly/index.ts', '--baseDir', root, '--outFile', 'out.wasm',
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
