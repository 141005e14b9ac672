// Finds the compiled addon: built in this package, or in the package for this platform. Undefined where there is none.
import { createRequire } from 'node:module'
import type { Addon } from './addon.ts'

export function loadAddon(): Addon | undefined {
  const require = createRequire(import.meta.url)
  const platform = `@ostinato/native-${process.platform}-${process.arch}`
  const names = process.platform === 'linux' ? [`${platform}-gnu`, `${platform}-musl`] : [platform]
  for (const name of ['../c/build/Release/ostinato.node', ...names]) {
    try {
      return require(name) as Addon
    } catch {
      // Not there, or not for this machine: the next one.
    }
  }
  return undefined
}
