// Prepares a release: a package of each platform's addon (platforms.json), and a manifest of @ostinato/native that asks
// for all of them as optional dependencies of its own version. Publishes nothing.
//
//   node scripts/platform-packages.js ADDONS [TO]    ADDONS/linux-x64-gnu/ostinato.node and so on; TO: npm/

import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..')
/** @type {readonly { name: string, os: string, cpu: string, libc?: string }[]} */
const platforms = JSON.parse(readFileSync(join(import.meta.dirname, 'platforms.json'), 'utf8'))
const [addons, to = join(folder, 'npm')] = process.argv.slice(2)

/** @param {unknown} value */
const json = value => `${JSON.stringify(value, null, 2)}\n`

if (addons === undefined) {
  console.error('platform-packages: expected the folder of the addons; node scripts/platform-packages.js ADDONS [TO]')
  process.exit(2)
}
const missing = platforms.filter(({ name }) => !existsSync(join(addons, name, 'ostinato.node')))
if (missing.length > 0) {
  console.error(`platform-packages: no addon in ${addons} for ${missing.map(({ name }) => name).join(', ')}; build them first`)
  process.exit(1)
}

const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const { version, license, engines, publishConfig } = manifest

for (const { name, os, cpu, libc } of platforms) {
  const at = join(to, name)
  mkdirSync(at, { recursive: true })
  copyFileSync(join(addons, name, 'ostinato.node'), join(at, 'ostinato.node'))
  writeFileSync(join(at, 'package.json'), json({
    name: `${manifest.name}-${name}`,
    version,
    description: `The addon of ${manifest.name} for ${name}`,
    license,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    main: 'ostinato.node',
    files: ['ostinato.node'],
    engines,
    publishConfig,
  }))
  writeFileSync(join(at, 'README.md'), `# ${manifest.name}-${name}\n\nThe addon of \`${manifest.name}\` for ${name}. Install that package: it asks for this one.\n`)
}

const optionalDependencies = Object.fromEntries(platforms.map(({ name }) => [`${manifest.name}-${name}`, version]))
writeFileSync(join(to, 'package.json'), json({ ...manifest, optionalDependencies }))
console.log(`platform-packages: ${platforms.length} packages of version ${version} in ${to}, and the manifest that asks for them`)
