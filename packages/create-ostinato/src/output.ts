// The one module that prints.

/** A line for people. */
export function say(line: string): void {
  console.log(line)
}

/** A line about what went wrong. */
export function complain(line: string): void {
  console.error(line)
}
