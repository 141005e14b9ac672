// Errors that are the user's to mend: shown as one line, without a stack.

/** Something that the command needs is missing or broken. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** The command was not given as it should be. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
