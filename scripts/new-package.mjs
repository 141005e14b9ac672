// Makes a package: the folder with all that a package has, and its line in the arrow table. Overwrites nothing.
//
//   node scripts/new-package.mjs NAME [--layer 3] [--imports tensor,nn] [--description "..."] [--root FOLDER]

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * @typedef {object} Wish
 * @property {string} name
 * @property {number} layer
 * @property {string[]} imports
 * @property {string} description
 */

/**
 * What is wrong with a wish, all of it.
 * @param {string} root
 * @param {Wish} wish
 * @param {Readonly<Record<string, { layer: number }>>} arrows
 */
const faultsOf = (root, { name, layer, imports }, arrows) => [
  ...(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) ? [] : [`expected a name in lower case with dashes, got '${name}'`]),
  ...(existsSync(join(root, 'packages', name)) || arrows[name] ? [`there is a package '${name}' already`] : []),
  ...(Number.isInteger(layer) && layer >= 0 ? [] : ['expected a layer of 0 or more']),
  ...imports.flatMap(to => {
    if (!arrows[to]) return [`no package '${to}': expected some of ${Object.keys(arrows).join(', ')}`]
    return arrows[to].layer < layer ? [] : [`arrows go downwards: '${to}' stands on layer ${arrows[to].layer}, not below ${layer}`]
  }),
]

/**
 * The files of the new package, by their path in it.
 * @param {Wish & { neighbour: Record<string, unknown> }} wish `neighbour`: the package.json of a package that is there
 * @returns {Record<string, string>}
 */
const filesOf = ({ name, imports, description, neighbour }) => ({
  'package.json': `${JSON.stringify({
    ...neighbour,
    name: `@ostinato/${name}`,
    version: '0.0.0',
    description,
    dependencies: imports.length > 0
      ? Object.fromEntries(imports.toSorted().map(to => [`@ostinato/${to}`, 'workspace:*']))
      : undefined,
    devDependencies: { '@ostinato/config': 'workspace:*', '@ostinato/test-utils': 'workspace:*' },
  }, null, 2)}\n`,
  'tsconfig.json': '{\n  "extends": "@ostinato/config/tsconfig.base.json",\n  "include": ["src", "tests", "*.ts", ".examples"]\n}\n',
  'tsup.config.ts': "import { library } from '@ostinato/config/tsup'\n\nexport default library()\n",
  'vitest.config.ts': "import { testConfig } from '@ostinato/config/vitest'\n\nexport default testConfig()\n",
  'src/index.ts': `// ${description}. This file lists what is public.\nexport {}\n`,
  'tests/examples.test.ts': "import { testExamples } from '@ostinato/test-utils'\n\ntestExamples(import.meta.url)\n",
  'README.md': [
    `# @ostinato/${name}`, `${description}.`, `    npm install @ostinato/${name}`,
    `\`\`\`ts\nimport * as package_ from '@ostinato/${name}'\n\nconsole.assert(Object.keys(package_).length === 0) // show what it does\n\`\`\``,
    '## Neighbours', imports.length > 0 ? `Depends on ${imports.map(to => `\`@ostinato/${to}\``).join(', ')}.` : 'Depends on nothing.',
  ].join('\n\n') + '\n',
})

/**
 * Makes the package.
 * @param {string} root the repository
 * @param {Wish} wish
 * @returns {Promise<string[]>} the files written, relative to the root
 * @throws {Error} that lists all that is wrong, before anything is written
 */
export const newPackage = async (root, wish) => {
  const table = join(root, 'packages/config/arrows.js')
  const { arrows } = await import(pathToFileURL(table).href)
  const faults = faultsOf(root, wish, arrows)
  const text = readFileSync(table, 'utf8')
  const end = text.indexOf('\n}\n', text.indexOf('export const arrows'))
  if (end < 0) faults.push(`${table}: expected the table to end with a line '}'`)
  if (faults.length > 0) throw new Error(faults.join('\n'))
  const neighbour = JSON.parse(readFileSync(join(root, 'packages/tensor/package.json'), 'utf8'))
  const files = Object.entries(filesOf({ ...wish, neighbour })).map(([file, content]) => ({ file: `packages/${wish.name}/${file}`, content }))
  for (const { file, content } of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), content, { flag: 'wx' })
  }
  const key = /-/.test(wish.name) ? `'${wish.name}'` : wish.name
  const line = `\n  ${key}: { layer: ${wish.layer}, mayImport: [${wish.imports.map(to => `'${to}'`).join(', ')}] },`
  writeFileSync(table, text.slice(0, end) + line + text.slice(end))
  return [...files.map(({ file }) => file), 'packages/config/arrows.js']
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals: [name = ''] } = parseArgs({
    allowPositionals: true,
    options: {
      layer: { type: 'string', default: '3' },
      imports: { type: 'string', default: 'tensor' },
      description: { type: 'string', default: 'What it is for' },
      root: { type: 'string', default: join(import.meta.dirname, '..') },
    },
  })
  const { layer, imports, description, root } = values
  const wish = { name, layer: Number(layer), imports: imports.split(',').filter(Boolean), description }
  try {
    for (const file of await newPackage(resolve(root), wish)) console.log(file)
    console.log('Next: pnpm install, then write src, README.md and tests; a line in the table of CONTRIBUTING.md; pnpm changeset.')
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
