// States of any form: tensors in lists and records, with the rows of a batch on the first axis. What a state means is
// known only to the step that made it.
import { formatShape, gather, isTensor, ShapeError, tensor, type AnyTensor, type Tensor } from '@ostinato/tensor'

/**
 * A tensor, or a list or record of such trees. Every tensor has the rows of the batch on its first axis. A record is a
 * type alias (`type State = { … }`): an interface does not count as one for TypeScript.
 */
export type StateTree = AnyTensor | readonly StateTree[] | { readonly [name: string]: StateTree }

/** Which rows to take: ids, in any order, each as often as wanted. */
export type RowIds = readonly number[] | Int32Array | Tensor<'int32'>

type Visit = (leaf: AnyTensor, path: string) => AnyTensor

/**
 * The tree with each of its tensors replaced by what `change` returns for it; lists and records are made anew.
 *
 * @param change is given the tensor and its place, such as `state.layers[0].hidden`
 * @throws ShapeError naming the place of what is no tensor, list or record
 * @example
 * ```ts
 * import { mapState } from '@ostinato/rnn'
 * import { multiply, tensor, type Tensor } from '@ostinato/tensor'
 * const state = { hidden: tensor([[1], [2]]), lower: [tensor([[3], [4]])] }
 * const doubled = mapState(state, (leaf) => multiply(leaf as Tensor, 2))
 * console.assert(doubled.lower[0].data.join() === '6,8')
 * ```
 */
export function mapState<S extends StateTree>(state: S, change: Visit): S {
  return mapAt(state, 'state', { where: 'mapState', change }) as S
}

interface Walk {
  readonly where: string
  readonly change: Visit
}

function mapAt(tree: unknown, path: string, walk: Walk): StateTree {
  if (isTensor(tree)) return walk.change(tree, path)
  if (Array.isArray(tree)) return tree.map((item, i) => mapAt(item, `${path}[${i}]`, walk))
  const prototype: unknown = typeof tree === 'object' && tree !== null ? Object.getPrototypeOf(tree) : undefined
  if (prototype !== null && prototype !== Object.prototype) {
    const got = typeof tree === 'object' && tree !== null ? `a ${tree.constructor.name}` : String(tree)
    throw new ShapeError(walk.where, [`expected tensors in lists and records, got ${got} at ${path}`])
  }
  return Object.fromEntries(
    Object.entries(tree as object).map(([name, item]) => [name, mapAt(item, `${path}.${name}`, walk)]),
  )
}

/**
 * The number of rows that every tensor of `state` has on its first axis; undefined when it holds no tensor.
 * @throws ShapeError naming the tensors that have no axis, or other rows than the first
 */
export function rowsOf(state: StateTree, where = 'rowsOf'): number | undefined {
  const leaves: (readonly [path: string, leaf: AnyTensor])[] = []
  const change: Visit = (leaf, path) => {
    leaves.push([path, leaf])
    return leaf
  }
  mapAt(state, 'state', { where, change })
  if (leaves.length === 0) return undefined
  const [first, { shape }] = leaves[0]
  const rows = shape[0]
  const faults = leaves.flatMap(([path, leaf]) => {
    const got = `got ${formatShape(leaf.shape)} at ${path}`
    if (leaf.rank === 0) return [`expected the rows on the first axis of every tensor, ${got}: it has no axis`]
    if (leaf.shape[0] === rows || rows === undefined) return []
    return [`expected ${rows} rows as in ${first}, ${got}: axis 0 is ${leaf.shape[0]}`]
  })
  if (faults.length > 0) throw new ShapeError(where, faults)
  return rows
}

/**
 * The state of the rows that `rows` names, in that order: what keeps a batch to those still open, or gives each
 * hypothesis of a beam its parent's state. All rows in order give `state` itself. Gradients pass.
 *
 * @param state every tensor `[rows, …]`
 * @returns a tree of the same form, every tensor `[rows.length, …]`
 * @throws ShapeError when the tensors differ in their rows
 * @throws RangeError naming an id that is no row
 * @example
 * ```ts
 * import { gatherRows } from '@ostinato/rnn'
 * import { tensor } from '@ostinato/tensor'
 * const state = { hidden: tensor([[1], [2], [3]]), steps: tensor([7, 8, 9], { dtype: 'int32' }) }
 * const kept = gatherRows(state, [2, 0, 0])
 * console.assert(kept.hidden.data.join() === '3,1,1' && kept.steps.data.join() === '9,7,7')
 * ```
 */
export function gatherRows<S extends StateTree>(state: S, rows: RowIds): S {
  const where = 'gatherRows'
  const count = rowsOf(state, where)
  if (count === undefined) return state
  const ids: ArrayLike<number> = isTensor(rows) ? rows.data : rows
  const bad = Array.from(ids).findIndex((id) => !Number.isInteger(id) || id < 0 || id >= count)
  if (bad >= 0) {
    const range = count === 0 ? 'no id, for the state has no rows' : `ids from 0 to ${count - 1}`
    throw new RangeError(`${where}: expected ${range}, got ${ids[bad]} at ${bad}`)
  }
  if (ids.length === count && Array.from(ids).every((id, i) => id === i)) return state
  const indices = tensor(Int32Array.from(ids))
  return mapAt(state, 'state', { where, change: (leaf) => gather(leaf, indices) }) as S
}
