// The board on which threads share a job. A job is streams of steps; a step is calls of kernels, one after another. The
// steps of a stream are done in their order, by whichever threads take them; streams know nothing of one another, but
// that one can follow another step by step. The caller puts a job there and, last of all, the states of the streams:
// whoever takes a step may read the rest, as the job cannot end before that step is done. What several threads write
// has a cache line of its own. Not here: who does the steps.

/** Jobs so far: threads sleep on it. */
export const JOBS = 0
/** Steps that are done: the caller sleeps on it. */
export const DONE = 16
/** Threads that sleep. */
export const ASLEEP = 32
/** Threads that have started. */
export const READY = 48
/** The steps in all, and the streams. */
export const ALL = 64
export const COUNT = 65
/**
 * The streams. Of each its state; its first step, and how many it has; and where the stream lies that it follows, or 0:
 * step n of it comes after step n of that one. Threads have equal shares of them, where they start to look.
 */
export const STREAMS = 80
export const STREAM_WORDS = 16
export const MOST_STREAMS = 256
/** A state is the job's number, the steps that are not done, and whether one of them has been taken: so many bits. */
export const TAKEN_BITS = 1
export const LEFT_BITS = 11
/**
 * The steps, stream by stream: where their calls begin, and in the lowest bit whether they are for the caller. They end
 * where those of the next one begin.
 */
export const STEPS = STREAMS + STREAM_WORDS * MOST_STREAMS
export const MOST_STEPS = 1023
/** The calls: of each the kernel's number, how many arguments, and which. */
export const CALLS = STEPS + MOST_STEPS + 1
export const CALL_WORDS = 16
export const MOST_CALLS = 2048
/** The board's words. */
export const WORDS = CALLS + CALL_WORDS * MOST_CALLS
export const MOST_THREADS = 32
