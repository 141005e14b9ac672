// The one module that prints.

/** Prints a line for people. */
export function say(line: string): void {
  console.log(line)
}
