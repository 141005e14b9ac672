// The board on which threads share a job: words from its start. The caller puts a job there and, last of all, how many
// parts it has; whoever takes one off LEFT may read the rest, as the job cannot end before that part is done. What
// several threads write has a cache line of its own. Not here: who runs the parts.

/** Parts that nobody has taken: threads sleep on it. */
export const LEFT = 0
/** Parts that are done: the caller sleeps on it. */
export const DONE = 16
/** Threads that sleep. */
export const ASLEEP = 32
/** Threads that have started. */
export const READY = 48
/** The parts in all. */
export const PARTS = 64
/** The calls that have parts: of each the kernel's number, the arguments before the range, how many and what. */
export const CALLS = 80
export const CALL_WORDS = 16
export const MOST_CALLS = 16
/** The parts, in the order in which they are taken: of each the number of its call, and its range. */
export const RANGES = CALLS + CALL_WORDS * MOST_CALLS
export const RANGE_WORDS = 3
export const MOST_PARTS = 512
/** The board's words. */
export const WORDS = RANGES + RANGE_WORDS * MOST_PARTS
