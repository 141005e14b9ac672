// One regression tree over binned columns, grown leaf by leaf from histograms. Boosting many of them is the business of
// boosted-trees.ts.

/** Columns as bin numbers from 0 to 255, column after column: `[columns, rows]`. */
export interface Binned {
  readonly rows: number
  readonly columns: number
  readonly bins: Uint8Array
  /** The upper edges of the bins of each column: bin `b` holds values up to `edges[b]`; the last bin has none. */
  readonly edges: readonly Float64Array[]
}

/** When a tree stops growing. */
export interface TreeOptions {
  readonly leaves: number
  /** The fewest rows in a leaf. */
  readonly leastRows: number
  /** The L2 penalty of a leaf's value, in rows. */
  readonly penalty: number
}

/** A tree in flat arrays: node `i` is a leaf where `column[i]` is -1; else rows up to `threshold[i]` go left. */
export interface Tree {
  readonly column: number[]
  readonly threshold: number[]
  readonly left: number[]
  readonly right: number[]
  readonly value: number[]
}

const binCount = 256

/** Cuts each column of `x`, `[rows, columns]`, at quantiles into at most 256 bins. */
export function binColumns(x: Float64Array, rows: number, columns: number): Binned {
  const bins = new Uint8Array(rows * columns)
  const edges = Array.from({ length: columns }, (_, j) => {
    const column = Float64Array.from({ length: rows }, (_, i) => x[i * columns + j])
    const distinct = [...new Set(column.slice().sort())]
    const count = Math.min(binCount, distinct.length)
    const cuts = new Set<number>()
    for (let b = 1; b < count; b++) {
      const at = Math.floor((b * distinct.length) / count)
      cuts.add((distinct[at - 1] + distinct[at]) / 2)
    }
    const edge = Float64Array.from(cuts).sort()
    column.forEach((value, i) => (bins[j * rows + i] = binOf(edge, value)))
    return edge
  })
  return { rows, columns, bins, edges }
}

/** The first bin whose edge is not below `value`. */
function binOf(edges: Float64Array, value: number): number {
  let [low, high] = [0, edges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (value <= edges[middle]) high = middle
    else low = middle + 1
  }
  return low
}

interface Split {
  readonly gain: number
  readonly column: number
  readonly bin: number
}

interface Leaf {
  readonly node: number
  readonly rows: Int32Array
  readonly sum: number
  readonly split: Split | undefined
}

/**
 * Grows the leaf with the greatest gain `S_l²/(n_l + λ) + S_r²/(n_r + λ) - S²/(n + λ)` again and again (Chen and
 * Guestrin 2016, "XGBoost", eq. 7; Ke et al. 2017, "LightGBM"), `S` the sum of residuals in a leaf of `n` rows. Its
 * value is
 * `S / (n + λ)`, written for each row into `fitted`.
 */
export function growTree(
  data: Binned,
  residuals: Float64Array,
  { fitted, leaves, leastRows, penalty }: TreeOptions & { readonly fitted: Float64Array },
): Tree {
  const tree: Tree = { column: [], threshold: [], left: [], right: [], value: [] }
  const [sums, counts] = [new Float64Array(binCount), new Int32Array(binCount)]

  const leafOf = (rows: Int32Array): Leaf => {
    let sum = 0
    for (const row of rows) sum += residuals[row]
    const node = tree.value.push(sum / (rows.length + penalty)) - 1
    tree.column.push(-1)
    tree.threshold.push(0)
    tree.left.push(-1)
    tree.right.push(-1)
    return { node, rows, sum, split: rows.length < 2 * leastRows ? undefined : bestSplit(rows, sum) }
  }

  const bestSplit = (rows: Int32Array, total: number): Split | undefined => {
    const base = (total * total) / (rows.length + penalty)
    let best: Split = { gain: 1e-12 * Math.abs(base), column: -1, bin: 0 }
    for (let column = 0; column < data.columns; column++) {
      const last = data.edges[column].length
      if (last === 0) continue
      sums.fill(0, 0, last + 1)
      counts.fill(0, 0, last + 1)
      const offset = column * data.rows
      for (const row of rows) {
        const bin = data.bins[offset + row]
        sums[bin] += residuals[row]
        counts[bin]++
      }
      let [sum, count] = [0, 0]
      for (let bin = 0; bin < last; bin++) {
        sum += sums[bin]
        count += counts[bin]
        const others = rows.length - count
        if (count < leastRows) continue
        if (others < leastRows) break
        const gain = (sum * sum) / (count + penalty) + (total - sum) ** 2 / (others + penalty) - base
        if (gain > best.gain) best = { gain, column, bin }
      }
    }
    return best.column < 0 ? undefined : best
  }

  const open = [leafOf(Int32Array.from({ length: data.rows }, (_, i) => i))]
  while (open.length < leaves) {
    const at = open.reduce((best, leaf, i) => ((leaf.split?.gain ?? 0) > (open[best].split?.gain ?? 0) ? i : best), 0)
    const { node, rows, split } = open[at]
    if (split === undefined) break
    const goesLeft = (row: number) => data.bins[split.column * data.rows + row] <= split.bin
    const [left, right] = [leafOf(rows.filter(goesLeft)), leafOf(rows.filter((row) => !goesLeft(row)))]
    tree.column[node] = split.column
    tree.threshold[node] = data.edges[split.column][split.bin]
    tree.left[node] = left.node
    tree.right[node] = right.node
    open.splice(at, 1, left, right)
  }
  for (const { node, rows } of open) for (const row of rows) fitted[row] = tree.value[node]
  return tree
}

/** The value of the leaf that `row` falls into. */
export function treeValue({ column, threshold, left, right, value }: Tree, row: Float64Array): number {
  let node = 0
  while (column[node] >= 0) node = row[column[node]] <= threshold[node] ? left[node] : right[node]
  return value[node]
}
