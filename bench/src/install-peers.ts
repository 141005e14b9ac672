// Installs the peers apart from the workspace, in runs/peers/<folder> (or $PEER_ENV), without running their scripts.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Peer } from './peer-list.ts'
import { root } from './processes.ts'

/** Where the peers are installed. */
export const environment = process.env.PEER_ENV ?? path.join(root, 'runs/peers')

/** Installs what a peer needs, if it is not there. Gives the reason where that fails. */
export function install({ packages, command }: Peer): string | undefined {
  if (packages === undefined) {
    const { status } = spawnSync(command[0], ['-c', 'import torch'], { env: process.env })
    return status === 0 ? undefined : `${command[0]} has no torch: apt-get install python3-torch python3-onnx libopenblas0-pthread, or pip install torch numpy`
  }
  const folder = path.join(environment, packages.folder)
  if (existsSync(path.join(folder, 'node_modules'))) return undefined
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{"private":true,"type":"module"}\n')
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages.names]
  const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' })
  return status === 0 ? undefined : `npm could not install ${packages.names.join(', ')}: ${stderr.trim().split('\n')[0]}`
}

/** Makes the graphs that onnxruntime runs. Gives the reason where that fails. */
export function makeGraphs(): string | undefined {
  if (existsSync(path.join(environment, 'onnx_models'))) return undefined
  const options = { cwd: path.join(root, 'peers'), env: { ...process.env, PEER_ENV: environment }, encoding: 'utf8' } as const
  const { status } = spawnSync('/usr/bin/python3', ['make_onnx.py'], options)
  return status === 0 ? undefined : 'its graphs are made with python3-onnx and python3-numpy: apt-get install python3-onnx'
}
