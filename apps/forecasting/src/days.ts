// How a time is written: as its day.

/** Such as 2014-12-31, in UTC. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)
