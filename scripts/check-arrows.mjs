// Compares the arrow table (packages/config/arrows.js) with every package.json and every import of the sources, and
// tells all faults at once with their place. It does not look at tests or examples: those may use any package.
//
//   node scripts/check-arrows.mjs [root]

import * as table from '@ostinato/config/arrows'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { importsOf } from './imports.mjs'

/** @typedef {{ place: string, message: string }} Fault */
/** @typedef {typeof table} Table */
/**
 * @typedef {object} Package
 * @property {string} folder relative to the repository
 * @property {string} path
 * @property {string} name
 * @property {string} short the folder's last part
 * @property {string[]} dependencies
 * @property {string[]} peers
 */

/**
 * Faults of the table itself: an arrow that does not go downwards, or leads nowhere.
 * @param {Table} table
 * @returns {Fault[]}
 */
const tableFaults = ({ arrows, sameLayer }) =>
  Object.entries(arrows).flatMap(([from, { layer, mayImport }]) =>
    mayImport.flatMap(to => {
      const place = 'packages/config/arrows.js'
      const arrow = `${from} -> ${to}`
      const target = arrows[to]
      if (!target) return [{ place, message: `${arrow}: no package '${to}' in the table` }]
      if (target.layer < layer || (target.layer === layer && sameLayer.includes(arrow))) return []
      return [{ place, message: `${arrow}: arrows go downwards, got layer ${layer} -> layer ${target.layer}` }]
    }))

/**
 * The packages in the folders of `parent`.
 * @param {string} root
 * @param {string} parent
 * @returns {Package[]}
 */
const packagesIn = (root, parent) => {
  if (!existsSync(join(root, parent))) return []
  return readdirSync(join(root, parent)).sort().filter(name => existsSync(join(root, parent, name, 'package.json')))
    .map(name => {
      const folder = `${parent}/${name}`
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      return {
        folder,
        path: join(root, folder),
        name: manifest.name,
        short: name,
        dependencies: Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }),
        peers: Object.keys(manifest.peerDependencies ?? {}),
      }
    })
}

/**
 * Every import of a package's sources, with its place.
 * @param {Package} one
 */
const sourceImports = ({ folder, path }) => {
  if (!existsSync(join(path, 'src'))) return []
  const files = readdirSync(join(path, 'src'), { recursive: true, encoding: 'utf8' })
  return files.filter(file => /\.(ts|tsx|mts|js|mjs)$/.test(file)).sort().flatMap(file => {
    const absolute = join(path, 'src', file)
    return importsOf(absolute, readFileSync(absolute, 'utf8')).map(({ specifier, line }) =>
      ({ specifier, absolute, place: `${folder}/src/${file.split(sep).join('/')}:${line}` }))
  })
}

/** @param {string} specifier `@scope/name/deep` -> `@scope/name` */
const packageName = specifier => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')

/**
 * Faults of one package's package.json against the table.
 * @param {Package} one
 * @param {Table} table
 * @returns {Fault[]}
 */
const manifestFaults = (one, { arrows, core, scope, appScope }) => {
  const place = `${one.folder}/package.json`
  return [...one.dependencies, ...one.peers].flatMap(dependency => {
    if (dependency.startsWith(appScope)) {
      return [{ place, message: `depends on the app ${dependency}: nothing imports an app` }]
    }
    const inside = dependency.startsWith(scope)
    if (!inside && core.includes(one.short) && one.dependencies.includes(dependency)) {
      return [{ place, message: `depends on ${dependency}: a core package has no outside runtime dependency` }]
    }
    const to = dependency.slice(scope.length)
    if (!inside || !arrows[one.short] || arrows[one.short].mayImport.includes(to)) return []
    return [{ place, message: `depends on ${dependency}: the table has no arrow ${one.short} -> ${to}` }]
  })
}

/**
 * What is wrong with one import, in words.
 * @param {Package} one
 * @param {{ specifier: string | undefined, absolute: string }} found
 * @param {Table} table
 * @returns {string[]}
 */
const importMessages = (one, { specifier, absolute }, { arrows, core, scope, appScope }) => {
  if (specifier === undefined) {
    return core.includes(one.short) ? ['imports a computed name: in a core package imports are written out'] : []
  }
  if (specifier.startsWith('.')) {
    const inside = !relative(one.path, resolve(dirname(absolute), specifier)).startsWith('..')
    return inside ? [] : [`imports '${specifier}', a file outside the package: import the package by its name`]
  }
  if (isBuiltin(specifier)) return []
  const name = packageName(specifier)
  if (name === one.name) return [`imports ${name}, itself: use a relative path`]
  if (name.startsWith(appScope)) return [`imports the app ${name}: nothing imports an app`]
  const messages = []
  if (name.startsWith(scope)) {
    const to = name.slice(scope.length)
    if (/^\/(src|dist|tests)(\/|$)/.test(specifier.slice(name.length))) {
      messages.push(`imports '${specifier}': a package's internals are closed`)
    }
    if (arrows[one.short] && !arrows[one.short].mayImport.includes(to)) {
      messages.push(`imports ${name}: the table has no arrow ${one.short} -> ${to}`)
    }
  }
  if (![...one.dependencies, ...one.peers].includes(name)) {
    messages.push(`imports ${name}, which package.json does not declare`)
  }
  return messages
}

/**
 * Faults of one package's imports: against the table, its package.json and its own walls.
 * @param {Package} one
 * @param {Table} table
 * @returns {Fault[]}
 */
const importFaults = (one, table) => {
  const found = sourceImports(one)
  const imported = new Set(found.map(({ specifier }) => specifier === undefined ? '' : packageName(specifier)))
  // An app may use a dependency without importing it: a command, or data that a package loads by name.
  const unused = one.dependencies.filter(name =>
    !imported.has(name) && (name.startsWith(table.scope) || one.folder.startsWith('packages/')))
  const manifest = `${one.folder}/package.json`
  return [
    ...found.flatMap(each => importMessages(one, each, table).map(message => ({ place: each.place, message }))),
    ...unused.map(name => ({ place: manifest, message: `declares ${name}, which src does not import` })),
  ]
}

/**
 * @param {string} root the repository
 * @param {Table} [rules] the arrow table
 * @returns {Fault[]} sorted as read; empty when all is well
 */
export const checkArrows = (root, rules = table) => {
  const packages = packagesIn(root, 'packages').filter(({ short }) => !rules.tools.includes(short))
  // No name of the table: an app may have that of a package.
  const apps = packagesIn(root, 'apps').map(app => ({ ...app, short: `app ${app.short}` }))
  const unknown = packages.filter(({ short }) => !rules.arrows[short]).map(({ folder, short }) =>
    ({ place: `${folder}/package.json`, message: `'${short}' has no line in packages/config/arrows.js` }))
  return [
    ...tableFaults(rules),
    ...unknown,
    ...packages.flatMap(one => [...manifestFaults(one, rules), ...importFaults(one, rules)]),
    ...apps.flatMap(one => [...manifestFaults(one, rules), ...importFaults(one, rules)]),
  ]
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'))
  const faults = checkArrows(root)
  for (const { place, message } of faults) console.error(`${place}: ${message}`)
  console.log(faults.length ? `arrows: ${faults.length} fault(s)` : 'arrows: table, package.json files and imports agree')
  process.exitCode = faults.length ? 1 : 0
}
