// An error that is the user's to mend: shown as one line, without a stack.

export class CommandError extends Error {
  override readonly name = 'CommandError'
}
