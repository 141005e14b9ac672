#!/usr/bin/env node
// Builds the addon (c/) with the node-gyp that comes with npm, against Node's own headers where they are
// installed beside it. Needs a C compiler, make and Python.
import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

const prefix = dirname(dirname(realpathSync(process.execPath)))
const candidates = ['lib/node_modules', 'node_modules', 'share/nodejs'].map(
  folder => join(prefix, folder, 'npm/node_modules/node-gyp/bin/node-gyp.js'))
const gyp = [process.env.npm_config_node_gyp, ...candidates].find(path => path !== undefined && existsSync(path))
if (gyp === undefined) {
  console.error(`build:native: expected npm's node-gyp beside Node in ${prefix}, got none; install npm with Node`)
  process.exit(1)
}
const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : []
const { status } = spawnSync(process.execPath, [gyp, 'rebuild', '--loglevel=warn', ...headers], {
  cwd: join(import.meta.dirname, '../c'),
  stdio: 'inherit',
})
process.exitCode = status ?? 1
