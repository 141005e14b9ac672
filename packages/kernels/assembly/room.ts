// The room that an instance works in for itself. Instances that share one memory, each on a thread of its own, get a room
// each; the first one's lies among the constants.

/** Row panels: eight, of six rows over 256 steps of k. */
const ROW_PANELS: usize = 8 * 6 * 256 * 4
/** A tile for sums that go elsewhere than into rows of eight. */
const TILE: usize = 6 * 32
/** Eight outputs or eight taps over 256 steps; a last group of four may reach past its end. */
const COLUMN_PANEL: usize = 8 * 256 * 4 + 4 * 32
/** The last columns of a row that do not fill four lanes. */
const LANES: usize = 16

// In whole cache lines: beside it are constants that all threads read, and a line that one writes is far from the others.
let room = memory.data(8 * 6 * 256 * 4 + 6 * 32 + 8 * 256 * 4 + 4 * 32 + 64, 64)

/** Bytes of a room. */
export function roomLength(): usize {
  return ROW_PANELS + TILE + COLUMN_PANEL + LANES
}

export function useRoom(at: usize): void {
  room = at
}

// @ts-ignore: decorator
@inline export function rowPanels(): usize {
  return room
}

// @ts-ignore: decorator
@inline export function tileRoom(): usize {
  return room + ROW_PANELS
}

// @ts-ignore: decorator
@inline export function columnPanel(): usize {
  return room + ROW_PANELS + TILE
}

// @ts-ignore: decorator
@inline export function lanes(): usize {
  return room + ROW_PANELS + TILE + COLUMN_PANEL
}
