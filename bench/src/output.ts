// The one place of the bench that prints: tables with columns set straight.

type Cell = string | number

/** Prints a title and rows; the first row is the head. Numbers get `digits` decimals. */
export function table(title: string, rows: readonly (readonly Cell[])[], digits = 1): void {
  const text = rows.map(row => row.map(cell => (typeof cell === 'number' ? cell.toFixed(digits) : cell)))
  const widths = text[0].map((_, c) => Math.max(...text.map(row => row[c].length)))
  console.log(`\n${title}`)
  for (const row of text) {
    console.log(row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c] + 2))).join(''))
  }
}

export function line(text: string): void {
  console.log(text)
}
