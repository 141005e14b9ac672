// Which backends run, and how one is chosen for a call. Their results are compared in the other files.
import { expect, it } from 'vitest'
import { availableBackends, backend, useBackend } from '../src/index.ts'
import type { Backend } from '../src/index.ts'

it('JavaScript is always there, last, and the first is in use', () => {
  expect(availableBackends().at(-1)).toBe('javascript')
  expect(backend()).toBe(availableBackends()[0])
})

it('a backend is used for one call and given back, also after an error', () => {
  const usual = backend()
  expect(useBackend('javascript', () => [backend(), useBackend(usual, backend), backend()]))
    .toEqual(['javascript', usual, 'javascript'])
  expect(() => useBackend('javascript', () => { throw new Error('from within') })).toThrow('from within')
  expect(backend()).toBe(usual)
})

it('an unknown backend is refused with the list of those that run', () => {
  const name = 'webgpu' as Backend
  expect(() => useBackend(name, () => 1)).toThrow(/expected one of the backends that run here \(.*javascript\), got 'webgpu'/)
})

it('a promise is refused, since the choice would end before its work', () => {
  expect(() => useBackend('javascript', () => Promise.resolve(1))).toThrow(/synchronous/)
})
