// What a user can mend. Anything else that is thrown is a defect of this program.

/** Something about the request is wrong; the message says what was expected, what came, and what to do. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
}
