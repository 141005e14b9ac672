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
/** The kernel's number, the parts in all, and the arguments before the range: how many, and what. */
export const KERNEL = 64
export const PARTS = 65
export const COUNT = 66
export const ARGUMENTS = 80
/** Part p goes from the p-th bound to the next. */
export const BOUNDS = 96
/** The board's words, and the parts that it has room for. */
export const WORDS = 512
export const MOST_PARTS = 415
