// The convolutional encoder: from pixels to one vector, and to a grid of features that attention can look at.
import { BatchNorm1d, BatchNorm2d, Conv2d, Dropout, Linear, Module } from '@ostinato/nn'
import { maxPool2d, relu, reshape, transpose, type Rng, type Tensor } from '@ostinato/tensor'

/** The sizes of the encoder. */
export interface EncoderConfig {
  /** Pixels along a side of a picture; a multiple of 16. */
  readonly size: number
  /** Channels after the first convolution; each of the three after it doubles them. */
  readonly width: number
  /** Features of the vector. */
  readonly vectorSize: number
  /** The probability that a feature of the vector is dropped in training. */
  readonly dropout: number
}

/** A batch of pictures as the decoder sees it. */
export interface EncodedPictures {
  /** `[batch, vectorSize]` */
  readonly vector: Tensor
  /** `[batch, channels, size / 8, size / 8]` */
  readonly grid: Tensor
}

/** A convolution of 3 x 3 with batch norm, which keeps height and width. */
class Stage extends Module {
  readonly convolution: Conv2d
  readonly norm: BatchNorm2d

  constructor(channelsIn: number, channelsOut: number, rng: Rng) {
    super()
    this.convolution = new Conv2d(channelsIn, channelsOut, 3, { padding: 1, bias: false, rng })
    this.norm = new BatchNorm2d(channelsOut)
  }

  forward(x: Tensor): Tensor {
    return this.norm.forward(this.convolution.forward(x))
  }
}

/** Takes the largest of each 2 x 2, then ReLU: the same as the other way round, on a quarter of the values. */
const shrink = (x: Tensor) => relu(maxPool2d(x, { size: 2 }))

/**
 * Four convolutions with batch norm (Ioffe and Szegedy 2015), each followed by a halving of the picture: by stride in
 * the first, by max-pooling in the others. A linear layer over what is left makes the vector.
 */
export class PictureEncoder extends Module {
  readonly stem: Conv2d
  readonly stemNorm: BatchNorm2d
  readonly stages: readonly Stage[]
  readonly linear: Linear
  readonly linearNorm: BatchNorm1d
  readonly dropout: Dropout
  /** Channels of the grid. */
  readonly channels: number

  constructor({ size, width, vectorSize, dropout }: EncoderConfig, { rng }: { readonly rng: Rng }) {
    super()
    this.stem = new Conv2d(3, width, 5, { stride: 2, padding: 2, bias: false, rng })
    this.stemNorm = new BatchNorm2d(width)
    this.stages = [1, 2, 4].map((factor) => new Stage(factor * width, 2 * factor * width, rng))
    this.channels = 8 * width
    this.linear = new Linear(this.channels * (size / 16) ** 2, vectorSize, { bias: false, rng })
    this.linearNorm = new BatchNorm1d(vectorSize)
    this.dropout = new Dropout(dropout, { rng: rng.split() })
  }

  /** @param pictures `[batch, 3, size, size]` */
  forward(pictures: Tensor): EncodedPictures {
    const [first, second, third] = this.stages
    const stem = relu(this.stemNorm.forward(this.stem.forward(pictures)))
    const grid = third.forward(shrink(second.forward(shrink(first.forward(stem)))))
    const flat = reshape(shrink(grid), [pictures.shape[0], -1])
    const vector = relu(this.linearNorm.forward(this.linear.forward(flat)))
    return { vector: this.dropout.forward(vector), grid }
  }
}

/** A grid `[batch, channels, height, width]` as a memory `[batch, height * width, channels]`. */
export function gridMemory(grid: Tensor): Tensor {
  const [batch, channels, height, width] = grid.shape
  return transpose(reshape(relu(grid), [batch, channels, height * width]), [0, 2, 1])
}
