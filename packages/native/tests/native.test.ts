// The addon itself: that the suite of the kernels ran on it, what it does with wrong arguments, which instruction sets
// agree. Its values are tested by packages/kernels/tests, which run here once more.
import { availableBackends, backend, lstmBackward, lstmForward, matrixMultiply } from '@ostinato/kernels'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import type { Addon } from '../src/addon.ts'
import { instructionSet, instructionSets, useInstructionSet } from '../src/index.ts'
import { loadAddon } from '../src/node.ts'
import { Rooms } from '../src/rooms.ts'

const addon = loadAddon()
if (addon === undefined) {
  console.warn(
    'native: NOT TESTED, as no addon has been built; pnpm --filter @ostinato/native build:native needs a C compiler, make and Python',
  )
}

describe('native', () => {
  it('is the first backend where it has been built, and absent elsewhere', () => {
    expect(availableBackends().includes('native')).toBe(addon !== undefined)
    if (addon !== undefined) expect(backend()).toBe('native')
  })

  it('an unknown instruction set is refused with the list of those that run', () => {
    expect(() => useInstructionSet('mmx')).toThrow(addon === undefined ? /there is none/ : /expected one of .*got 'mmx'/)
  })

  it('rooms come back, the smallest that fits first, and not for much less', () => {
    const rooms = new Rooms()
    const [large, small] = [rooms.take(2000), rooms.take(1000)]
    rooms.give(large)
    rooms.give(small)
    expect(rooms.take(900)).toBe(small)
    expect(rooms.take(900)).not.toBe(large)
    expect(rooms.take(1500)).toBe(large)
  })

  describe.skipIf(addon === undefined)('the addon', () => {
    const usual = instructionSet() ?? ''
    afterEach(() => {
      if (usual !== '') useInstructionSet(usual)
    })

    it('gives on every instruction set what the baseline gives, up to rounding', () => {
      const [batch, time, inputSize, hiddenSize] = [7, 11, 5, 21]
      const wave = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7) / 2)
      const run = () => {
        const { output, saved } = lstmForward({
          layout: { batch, time, lengths: Int32Array.of(11, 3, 0, 7, 11, 1, 5) }, inputSize, hiddenSize, keep: true,
          input: wave(batch * time * inputSize), initialHidden: wave(batch * hiddenSize),
          initialCell: wave(batch * hiddenSize), weightIh: wave(4 * hiddenSize * inputSize),
          weightHh: wave(4 * hiddenSize * hiddenSize), biasIh: wave(4 * hiddenSize),
        })
        return [output, lstmBackward(saved, { output: wave(batch * time * hiddenSize) }).weightHh]
      }
      useInstructionSet(instructionSets().at(-1) ?? '')
      const expected = run()
      for (const name of instructionSets()) {
        useInstructionSet(name)
        run().forEach((values, i) => {
          values.forEach((value, j) => expect(Math.abs(value - expected[i][j]), `${name} ${j}`).toBeLessThan(2e-4))
        })
      }
    })

    it('refuses whatever does not fit, without touching memory', () => {
      const bare = addon as unknown as Record<keyof Addon, (...all: unknown[]) => unknown>
      const x = new Float32Array(4)
      const junk = [undefined, null, 3, -1, NaN, 2 ** 40, 'x', {}, [], Symbol('x'), true, new Float64Array(4), new Uint8Array(3),
        new Float32Array(0), x, new DataView(new ArrayBuffer(4)), () => 1]
      for (const name of ['multiply', 'apply', 'softmax', 'scaledSoftmax', 'sgd', 'adam', 'packedLength', 'pack', 'forward', 'backward', 'useInstructionSet'] as const) {
        for (let count = 0; count <= 24; count += 1) {
          for (let shift = 0; shift < junk.length; shift += 1) {
            const all = Array.from({ length: count }, (_, i) => junk[(i * 5 + shift) % junk.length])
            expect(() => bare[name](...all), `${name} ${count} ${shift}`).toThrow(RangeError)
          }
        }
      }
      expect(() => bare.multiply(x, x, x, undefined, 2, 2, 3, false, false, false)).toThrow(/another length/)
      const most = 2 ** 31 - 1
      expect(() => bare.multiply(x, x, x, undefined, most, most, 2, false, false, false)).toThrow(RangeError)
      expect(() => bare.apply(3, x, x, 4)).toThrow(/function/)
      expect(() => bare.apply(0, x, x, 5)).toThrow(/length/)
    })

    it('refuses sizes and indices of a sequence that lead outside its arrays', () => {
      const one = new Float32Array(1)
      const room = new Float32Array(64)
      // Elman, one row, one step, one feature: active, offsets, source, order, last.
      const good = [1, 0, 0, 0, 1]
      const call = (sizes: number[], indices: number[]): void => {
        addon?.forward(
          Int32Array.from(sizes), Int32Array.from(indices), room, one, one, one, one, undefined, undefined, undefined,
          new Float32Array(1), new Float32Array(1), undefined, undefined, undefined,
        )
      }
      const sizes = [0, 0, 1, 1, 1, 1, 1, 1]
      expect(() => call(sizes, good)).not.toThrow()
      for (let i = 0; i < good.length; i += 1) {
        for (const bad of [-1, 2, 2 ** 31 - 1, -(2 ** 31)]) {
          expect(() => call(sizes, good.with(i, bad)), `index ${i} of ${bad}`).toThrow(/packed batch/)
        }
      }
      for (let i = 0; i < sizes.length; i += 1) {
        if (i === 1) continue
        for (const bad of [-1, 3, 2 ** 31 - 1]) expect(() => call(sizes.with(i, bad), good), `size ${i} of ${bad}`).toThrow(RangeError)
      }
    })

    it('packs weights anew for another instruction set', () => {
      const [inputSize, hiddenSize] = [5, 9]
      const wave = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7) / 2)
      const weights = { weightIh: wave(4 * hiddenSize * inputSize), weightHh: wave(4 * hiddenSize * hiddenSize) }
      const run = (weightsVersion?: number): Float32Array => lstmForward({
        layout: { batch: 1, time: 2 }, inputSize, hiddenSize, ...weights, weightsVersion,
        input: wave(2 * inputSize), initialHidden: wave(hiddenSize), initialCell: wave(hiddenSize),
      }).output
      for (const name of [...instructionSets(), ...instructionSets()]) {
        useInstructionSet(name)
        expect(run(1), name).toEqual(run())
      }
    })

    it('refuses packed weights of another length', () => {
      const one = new Float32Array(1)
      const length = addon?.packedLength(1, 1) ?? 0
      expect(length).toBeGreaterThan(1)
      expect(() => addon?.pack(one, one, 1, 1)).toThrow(/another length/)
      const call = (packed: Float32Array): void => {
        addon?.forward(
          Int32Array.of(0, 0, 1, 1, 1, 1, 1, 1), Int32Array.of(1, 0, 0, 0, 1), new Float32Array(64), one, one, one, one,
          undefined, undefined, undefined, new Float32Array(1), new Float32Array(1), undefined, packed, packed,
        )
      }
      expect(() => call(new Float32Array(length))).not.toThrow()
      expect(() => call(new Float32Array(length - 1))).toThrow(/another length/)
    })

    it('refuses arrays whose buffer is gone', () => {
      const x = new Float32Array(32)
      structuredClone(x.buffer, { transfer: [x.buffer] })
      expect(() => addon?.apply(0, x, x, 32)).toThrow(/another length/)
    })

    it('loads once more in a worker, with an instruction set of its own', async () => {
      const path = createRequire(import.meta.url).resolve('../c/build/Release/ostinato.node')
      const source = `
        const { parentPort, workerData } = require('node:worker_threads')
        const addon = require(workerData)
        addon.useInstructionSet('${instructionSets().at(-1) ?? ''}')
        const out = new Float32Array(1)
        addon.multiply(out, Float32Array.of(2), Float32Array.of(3), undefined, 1, 1, 1, false, false, false)
        parentPort.postMessage(out[0])`
      const worker = new Worker(source, { eval: true, workerData: path })
      expect(await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))).toBe(6)
      await worker.terminate()
      const out = new Float32Array(1)
      matrixMultiply(out, Float32Array.of(2), Float32Array.of(4), { m: 1, n: 1, k: 1 })
      expect(out[0]).toBe(8)
    })
  })
})
