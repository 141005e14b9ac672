// A consumer of tensors alone.
import { matmul, Rng, softmax, sum, tensor, type Tensor } from '@ostinato/tensor'

const product: Tensor = matmul(tensor([[1, 2], [3, 4]]), tensor([[5], [6]]))
const chances = softmax(new Rng(1).normal([4, 8]))

/** 1·5 + 2·6, 3·5 + 4·6, and four rows of chances that sum up to one. */
export const result: string = [...product.data, Math.round(sum(chances).item())].join(' ')
