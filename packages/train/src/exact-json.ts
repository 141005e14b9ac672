// JSON that keeps every number: NaN, the infinities and -0, which JSON has no word for, are written as strings.

/** `value` as JSON; read its numbers back with `exactNumber`. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'number') return inner
    if (Object.is(inner, -0)) return '-0'
    return Number.isFinite(inner) ? inner : String(inner)
  })
}

const words = new Map([['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity], ['-0', -0]])

/** The number that `exactJson` wrote; undefined where there is none. */
export function exactNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : words.get(value as string)
}
