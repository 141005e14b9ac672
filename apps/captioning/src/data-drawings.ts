// The vendors' drawings as they come in the packages of Iconify: by code points, ready to be drawn. Renders nothing.
import { CommandError } from './errors.ts'
import { dataVersion, readDataFile } from './data-packages.ts'
import type { Drawing } from './render-protocol.ts'

/** Who drew the emoji. */
export const vendors = ['noto', 'twemoji', 'openmoji', 'fluent'] as const

/** One of `vendors`. */
export type Vendor = (typeof vendors)[number]

/** Where a vendor's drawings come from. */
export interface VendorSource {
  readonly vendor: Vendor
  readonly title: string
  readonly author: string
  readonly url: string
  readonly license: string
  readonly package: string
}

const packages: Readonly<Record<Vendor, string>> = {
  noto: '@iconify-json/noto',
  twemoji: '@iconify-json/twemoji',
  openmoji: '@iconify-json/openmoji',
  fluent: '@iconify-json/fluent-emoji-flat',
}

/** What one vendor has drawn. */
export interface VendorDrawings {
  readonly source: VendorSource
  /** The names of the drawings by code points, as `withoutSelectors` writes them. */
  readonly names: ReadonlyMap<string, string>
  /** The drawings themselves, of the given code points, in their order. Reads a large file. */
  readonly read: (codePoints: readonly string[]) => Promise<Drawing[]>
}

/**
 * Code points in upper case without FE0F, which asks for the coloured form of a character: some sets write it, some do
 * not.
 */
export function withoutSelectors(codePoints: string): string {
  const points = codePoints.toUpperCase().split('-')
  return points.filter((point) => point !== 'FE0F').join('-')
}

/**
 * What a vendor has drawn.
 * @throws CommandError when the data is not installed; `read`, when it has no such drawing or is not as expected
 */
export async function findDrawings(vendor: Vendor): Promise<VendorDrawings> {
  const name = packages[vendor]
  const [chars, info, version] = await Promise.all([
    readDataFile(`${name}/chars.json`) as Promise<Readonly<Record<string, string>>>,
    readDataFile(`${name}/info.json`) as Promise<IconInfo>,
    dataVersion(name),
  ])
  const { author, license } = info
  const source = { vendor, title: info.name, author: author.name, url: author.url, license: license.title }
  const names = new Map(Object.entries(chars).map(([codePoints, icon]) => [withoutSelectors(codePoints), icon]))
  return {
    source: { ...source, package: `${name}@${version}` },
    names,
    read: async (codePoints) => {
      const set = (await readDataFile(`${name}/icons.json`)) as IconSet
      return codePoints.map((points) => {
        const icon = names.get(points) ?? points
        return toDrawing(set, icon, `${vendor} ${icon}`)
      })
    },
  }
}

/** What an icon has of its own; what is missing it takes from the set, or its parent. */
interface Icon {
  readonly body: string
  readonly left?: number
  readonly top?: number
  readonly width?: number
  readonly height?: number
}

interface IconSet extends Partial<Omit<Icon, 'body'>> {
  readonly icons: Readonly<Record<string, Icon>>
}

interface IconInfo {
  readonly name: string
  readonly author: { readonly name: string; readonly url: string }
  readonly license: { readonly title: string }
}

/** Characters name icons, never aliases of icons. */
function toDrawing(set: IconSet, icon: string, name: string): Drawing {
  const own = set.icons[icon]
  if (own === undefined) {
    throw new CommandError(`expected an icon '${icon}' for ${name}, got none: is the data of another version?`)
  }
  const { left = 0, top = 0, width = 16, height = 16, body } = { ...set, ...own }
  return { name, body, box: { left, top, width, height } }
}
