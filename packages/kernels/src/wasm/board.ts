// The board on which threads share a job: words from its start. The caller puts a job there and, last of all, how many
// parts there are for each thread; whoever takes one of them may read the rest, as the job cannot end before that part
// is done. What several threads write has a cache line of its own. Not here: who runs the parts.

/** Jobs so far: threads sleep on it. */
export const JOBS = 0
/** Parts that are done: the caller sleeps on it. */
export const DONE = 16
/** Threads that sleep. */
export const ASLEEP = 32
/** Threads that have started. */
export const READY = 48
/** The parts in all, and the threads for which there are some. */
export const PARTS = 64
export const THREADS = 65
/** The calls that have parts: of each the kernel's number, the arguments before the range, how many and what. */
export const CALLS = 80
export const CALL_WORDS = 16
export const MOST_CALLS = 16
/** The parts, those of the first thread first: of each the number of its call, and its range. */
export const RANGES = CALLS + CALL_WORDS * MOST_CALLS
export const RANGE_WORDS = 3
export const MOST_PARTS = 512
/** For each thread: its parts that nobody has taken, and where they end. */
export const QUEUES = RANGES + RANGE_WORDS * MOST_PARTS
export const QUEUE_WORDS = 16
export const MOST_THREADS = 32
/** The board's words. */
export const WORDS = QUEUES + QUEUE_WORDS * MOST_THREADS
