// Tensors and parameters themselves: making them, reading them, shapes, and the slot that operations report to.
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  add, broadcastShapes, broadcastTo, currentRecorder, full, identity, isParameter, isTensor, isTracked, isTraining,
  matmul, ones, onesLike, Parameter, range, recordCustom, reshape, resolveAxes, ShapeError, sizeOf, stridesOf, Tensor,
  tensor, withRecorder, withTraining, zeros, zerosLike,
  type AnyTensor, type OperationRecord,
} from '@ostinato/tensor'

describe('tensor', () => {
  it('takes numbers and booleans, nested as deep as there are axes', () => {
    const x = tensor([[[1, 2]], [[3, 4]], [[5, 6]]])
    expect([x.shape, x.dtype, x.rank, x.size]).toEqual([[3, 1, 2], 'float32', 3, 6])
    expect(x.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6))
    expect(tensor(7).shape).toEqual([])
    expect(tensor([]).shape).toEqual([0])
    expect(tensor([[], []]).shape).toEqual([2, 0])
    expect(tensor([true, false]).data).toEqual(Uint8Array.of(1, 0))
  })

  it('shares a typed array of its own type and converts others', () => {
    const data = Float64Array.of(1, 2, 3, 4)
    expect(tensor(data, { shape: [2, 2] }).data).toBe(data)
    expect(tensor(data, { dtype: 'float32' }).data).toEqual(Float32Array.of(1, 2, 3, 4))
    expect(tensor(Uint8Array.of(0, 3), { dtype: 'bool' }).data).toEqual(Uint8Array.of(0, 1))
    expect(tensor(Int32Array.of(1)).dtype).toBe('int32')
  })

  it('knows its type', () => {
    expectTypeOf(tensor([1])).toEqualTypeOf<Tensor<'float32'>>()
    expectTypeOf(tensor(true)).toEqualTypeOf<Tensor<'bool'>>()
    expectTypeOf(tensor(new Float64Array(1))).toEqualTypeOf<Tensor<'float64'>>()
    expectTypeOf(tensor([1], { dtype: 'int32' })).toEqualTypeOf<Tensor<'int32'>>()
    expectTypeOf(tensor([1], { dtype: 'int32' }).data).toEqualTypeOf<Int32Array>()
    expectTypeOf<Tensor<'float32'>>().toExtend<Tensor>()
    expectTypeOf<Tensor<'int32'>>().not.toExtend<Tensor>()
    expectTypeOf<Tensor<'bool'>>().toExtend<AnyTensor>()
  })

  it.each<[string, () => unknown, string]>([
    ['ragged rows', () => tensor([[1, 2], [3]]), 'tensor: expected rows of one shape, got [2] in row 0 and [1] in row 1'],
    ['rows and numbers', () => tensor([[1], 2]), 'tensor: expected rows of one shape, got [1] in row 0 and [] in row 1'],
    ['text', () => tensor(['1'] as never), 'tensor: expected numbers, booleans or nested arrays of them, got string'],
    ['too few values', () => tensor([1, 2, 3], { shape: [2, 2] }), 'tensor: expected 4 values for shape [2, 2], got 3'],
    ['fractions for int32', () => tensor([1, 1.5], { dtype: 'int32' }), 'tensor: expected integers from -2^31 to 2^31 - 1 for int32, got 1.5: use cast() to drop fractions'],
    ['too great an integer', () => full([1], 2 ** 31, { dtype: 'int32' }), 'full: expected integers from -2^31 to 2^31 - 1 for int32, got 2147483648'],
    ['a negative size', () => zeros([2, -1]), 'full: expected sizes that are integers of 0 or more, got [2, -1]: axis 1 is -1'],
    ['too many elements', () => zeros([65536, 65536]), 'full: expected at most 2^31 - 1 elements, got [65536, 65536]: 4294967296 elements'],
    ['data of another size', () => new Tensor(new Float32Array(3), [2], 'float32'), 'Tensor: expected 2 elements for shape [2], got 3'],
    ['a step of 0', () => range(0, 1, { step: 0 }), 'range: expected finite bounds and a step other than 0, got start 0, stop 1, step 0'],
    ['a fractional step of int32', () => range(0, 1, { step: 0.5, dtype: 'int32' }), 'range: expected integers'],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(ShapeError)
    expect(make).toThrow(message)
  })

  it('gives its values back', () => {
    const values = [[[1, 2]], [[3, 4]]]
    expect(tensor(values).toArray()).toEqual(values)
    expect(tensor([[true], [false]]).toArray()).toEqual([[true], [false]])
    expect(tensor(3).toArray()).toBe(3)
    expect(zeros([2, 0]).toArray()).toEqual([[], []])
    expect(tensor([[5]]).item()).toBe(5)
    expect(() => tensor([1, 2]).item()).toThrow('Tensor.item: expected one element, got shape [2]: use toArray()')
    expect(() => zeros([0]).item()).toThrow('expected one element, got shape [0]')
  })

  it('prints its type, shape and first values', () => {
    expect(String(tensor([1, 0.5]))).toBe('float32[2] {1, 0.5000}')
    expect(String(range(0, 100, { dtype: 'int32' }))).toBe('int32[100] {0, 1, 2, 3, 4, 5, 6, 7, …}')
  })

  it('is known by its brand, also from another copy of the package', () => {
    const values = [tensor(1), new Parameter(tensor([1])), { data: [], shape: [] }, null]
    expect(values.map(isTensor)).toEqual([true, true, false, false])
    expect(isTensor({ [Symbol.for('@ostinato/tensor')]: true })).toBe(true)
  })
})

describe('filled tensors', () => {
  it('full, zeros, ones and their like', () => {
    expect(full([2], 0.5).toArray()).toEqual([0.5, 0.5])
    expect(full([2], 5, { dtype: 'bool' }).data).toEqual(Uint8Array.of(1, 1))
    expect(ones([1, 2], { dtype: 'int32' })).toEqual(tensor([[1, 1]], { dtype: 'int32' }))
    const x = tensor([[1, 2]], { dtype: 'float64' })
    expect(zerosLike(x)).toEqual(tensor([[0, 0]], { dtype: 'float64' }))
    expect(onesLike(x)).toEqual(tensor([[1, 1]], { dtype: 'float64' }))
    expectTypeOf(zerosLike(x)).toEqualTypeOf<Tensor<'float64'>>()
  })

  it('range counts up and down, and stops before the end', () => {
    expect(range(2, 5)).toEqual(tensor([2, 3, 4]))
    expect(range(5, 0, { step: -2, dtype: 'int32' })).toEqual(tensor([5, 3, 1], { dtype: 'int32' }))
    expect(range(3, 3).shape).toEqual([0])
    expect(range(3, 0).shape).toEqual([0])
  })

  it('identity is neutral in products', () => {
    const x = tensor([[1, 2], [3, 4]])
    expect(matmul(identity(2), x)).toEqual(x)
  })
})

describe('shapes', () => {
  it('sizes and strides', () => {
    expect([sizeOf([]), sizeOf([2, 3]), sizeOf([2, 0])]).toEqual([1, 6, 0])
    expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1])
  })

  it('axes are counted from either end', () => {
    expect(resolveAxes('here', [-1, 0], 3)).toEqual([0, 2])
    expect(resolveAxes('here', undefined, 2)).toEqual([0, 1])
    expect(() => resolveAxes('here', [0, -3], 3)).toThrow('here: expected each axis once, got [0, 0]')
    expect(() => resolveAxes('here', 1.5, 3)).toThrow('here: expected an axis from -3 to 2, got 1.5')
  })

  it('broadcasting names the axis that does not fit', () => {
    expect(broadcastShapes('here', [4, 1, 3], [2, 1])).toEqual([4, 2, 3])
    expect(broadcastShapes('here', [0], [1])).toEqual([0])
    expect(() => broadcastShapes('here', [2, 3], [3, 3])).toThrow('got [2, 3] and [3, 3]: axis -2 is 2 and 3')
  })

  it('reshape shares the data and works one size out', () => {
    const x = range(0, 6)
    expect(reshape(x, [2, 3]).data).toBe(x.data)
    expect(reshape(x, [-1, 2]).shape).toEqual([3, 2])
    expect(reshape(zeros([0, 3]), [-1, 3]).shape).toEqual([0, 3])
    expect(() => reshape(x, [4, 2])).toThrow('reshape: expected a shape of 6 elements, got [4, 2]: the tensor is [6]')
    expect(() => reshape(x, [4, -1])).toThrow('reshape: ')
    expect(() => reshape(x, [-1, -1])).toThrow('reshape: ')
    expect(() => reshape(zeros([0, 3]), [0, -1])).toThrow('reshape: expected sizes that say what -1 stands for, got [0, -1]')
  })

  it('broadcastTo stretches', () => {
    expect(broadcastTo(tensor([[1], [2]]), [2, 2, 2]).toArray()).toEqual([[[1, 1], [2, 2]], [[1, 1], [2, 2]]])
    expect(() => broadcastTo(zeros([2]), [3])).toThrow('broadcastTo: expected shapes that broadcast')
    expect(() => broadcastTo(zeros([2, 3]), [3])).toThrow('broadcastTo: expected a shape that [2, 3] stretches to, got [3]')
  })
})

describe('ShapeError', () => {
  it('lists one fault in a line and several below each other', () => {
    expect(new ShapeError('here', ['a']).message).toBe('here: a')
    const error = new ShapeError('here', ['a', 'b'])
    expect(error.message).toBe('here: 2 faults\n  1. a\n  2. b')
    expect([error.name, error.where, error.faults]).toEqual(['ShapeError', 'here', ['a', 'b']])
  })
})

describe('Parameter', () => {
  it('counts its changes', () => {
    const initial = tensor([1, 2])
    const p = new Parameter(initial)
    expect([p.version, p.trainable, p.data === initial.data]).toEqual([0, true, true])
    p.update((data) => data.fill(3))
    expect([p.version, p.data[0]]).toEqual([1, 3])
    p.assign(tensor([0.1, 4], { dtype: 'float64' }))
    expect([p.version, p.data]).toEqual([2, Float32Array.of(0.1, 4)])
    expect(() => p.assign(tensor([1]))).toThrow('Parameter.assign: expected shape [2], got [1]')
    expect(p.version).toBe(2)
  })

  it('is an operand like any other', () => {
    const p = new Parameter(tensor([1, 2]), { trainable: false })
    expect(add(p, 1)).toEqual(tensor([2, 3]))
    expect(p.trainable).toBe(false)
    expect([p, tensor(1), undefined].map(isParameter)).toEqual([true, false, false])
    expectTypeOf(new Parameter(tensor([1]))).toEqualTypeOf<Parameter<'float32'>>()
    // @ts-expect-error parameters are of floating-point type
    expect(() => new Parameter(tensor([true]))).not.toThrow()
  })
})

describe('the recording slot', () => {
  const listen = () => {
    const heard: OperationRecord[] = []
    const record = (operation: OperationRecord) => void heard.push(operation)
    return { heard, record, tracks: (x: AnyTensor) => x.size > 1 }
  }

  it('hears operations while it is set, and only then', () => {
    const recorder = listen()
    const x = tensor([1, 2])
    const y = withRecorder(recorder, () => reshape(add(x, x), [2, 1]))
    add(y, y)
    expect(recorder.heard.map(({ name }) => name)).toEqual(['add', 'reshape'])
    expect(recorder.heard[0]).toMatchObject({ inputs: [x, x], attributes: {} })
    expect(recorder.heard[1]).toMatchObject({ outputs: [y], attributes: { shape: [2, 1] } })
  })

  it('is put back, whatever happens', () => {
    const [outer, inner] = [listen(), listen()]
    withRecorder(outer, () => {
      expect(() => withRecorder(inner, () => { throw new Error('mine') })).toThrow('mine')
      expect(currentRecorder()).toBe(outer)
      withRecorder(null, () => add(tensor([1]), 1))
    })
    expect([currentRecorder(), outer.heard, inner.heard]).toEqual([null, [], []])
  })

  it('says what is tracked and whether this is training', () => {
    const [one, two] = [tensor([1]), tensor([1, 2])]
    expect([isTracked([two]), isTraining()]).toEqual([false, false])
    withRecorder(listen(), () => {
      expect([isTracked([one]), isTracked([one, two]), isTraining()]).toEqual([false, true, true])
      expect(withTraining(false, isTraining)).toBe(false)
      expect(() => withTraining(false, () => { throw new Error('mine') })).toThrow('mine')
      expect(isTraining()).toBe(true)
    })
    expect(withTraining(true, isTraining)).toBe(true)
  })

  it('takes operations from elsewhere', () => {
    const recorder = listen()
    const operation = { name: 'mine', inputs: [], outputs: [], derivative: () => [] }
    recordCustom(operation)
    withRecorder(recorder, () => recordCustom(operation))
    expect(recorder.heard).toEqual([operation])
  })
})
