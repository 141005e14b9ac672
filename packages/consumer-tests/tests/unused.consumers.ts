// A bundler drops what nobody uses only where it sees that making it does nothing else: of a class with a field of
// computed name, say, it does not. This holds of every package, as published, that importing it for nothing brings none
// of its classes.
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { consumers } from '../src/consumers.ts'
import { repository } from '../src/places.ts'

const names = [...new Set(consumers.flatMap(({ gets }) => gets))].sort()

test.each(names)('%s, imported for nothing, brings no class', async name => {
  const file = join(repository, 'packages', name, 'dist/index.js')
  const { outputFiles } = await build({
    stdin: { contents: `import ${JSON.stringify(file)}`, resolveDir: repository },
    bundle: true,
    packages: 'external',
    format: 'esm',
    write: false,
    // Past the package's word that its files only export: whoever uses one thing of a file has to look at the rest.
    plugins: [{ name: 'as used', setup: ({ onResolve }) => { onResolve({ filter: /index\.js$/ }, ({ path }) => ({ path })) } }],
  })
  expect([...outputFiles[0].text.matchAll(/\bclass \w+|\w+ = class/g)].map(([found]) => found)).toEqual([])
})
