// Releases the packages, or rehearses it. A rehearsal is all of a release but the publishing: from a clean clone of
// what is committed it writes the versions and the changelog, builds, publishes to a registry on loopback and installs
// from there. It changes nothing here.
//
//   node scripts/release.mjs [--dry-run]

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const repository = resolve(import.meta.dirname, '..')

/**
 * Runs a command and shows what it says.
 * @param {string} cwd
 * @param {string} file
 * @param {string[]} args
 */
const run = (cwd, file, ...args) => {
  console.log(`> ${[file, ...args].join(' ')}`)
  execFileSync(file, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' })
}

/** @param {string} root */
const publicPackages = root => readdirSync(join(root, 'packages'))
  .map(name => join(root, 'packages', name))
  .filter(folder => existsSync(join(folder, 'package.json')))
  .map(folder => ({ folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
  .filter(({ private: isPrivate }) => !isPrivate)

const rehearse = () => {
  const clone = mkdtempSync(join(tmpdir(), 'ostinato-release-'))
  try {
    run(repository, 'git', 'clone', '--quiet', repository, clone)
    run(clone, 'pnpm', 'install', '--frozen-lockfile', '--reporter=silent')
    run(clone, 'pnpm', 'changeset', 'version')
    const packages = publicPackages(clone)
    const versions = new Set(packages.map(({ version }) => version))
    if (versions.size !== 1) throw new Error(`expected one version for all packages, got ${[...versions].join(', ')}`)
    const silent = packages.filter(({ folder }) => !existsSync(join(folder, 'CHANGELOG.md'))).map(({ name }) => name)
    if (silent.length > 0) throw new Error(`expected a changelog in each package, got none in ${silent.join(', ')}`)
    run(clone, 'pnpm', 'test:consumers')
    console.log(`release: ${packages.length} packages of version ${[...versions][0]} would be published`)
  } finally {
    rmSync(clone, { recursive: true, force: true })
  }
}

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } })
if (values['dry-run']) rehearse()
else {
  run(repository, 'pnpm', 'build')
  run(repository, 'pnpm', 'changeset', 'publish')
}
