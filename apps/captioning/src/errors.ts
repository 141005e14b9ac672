// Errors that are the user's to mend: shown as one line, without a stack.

/** Something that the command needs is missing or broken. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
