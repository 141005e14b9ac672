// Where a decoder with attention looked: for each word, the picture with what was looked at left bright.
import type { Figure } from '@ostinato/report'
import { captionBatch, plainPictures } from './batches.ts'
import type { Captioned } from './caption.ts'
import { dataUri } from './data-uri.ts'
import { AttentionCaptioning } from './model.ts'
import type { RunResult } from './train.ts'
import { textOf } from './words.ts'

/** Pictures, and the measures of one: as many columns in each figure, so that all are drawn to one scale. */
const [count, columns, side, gap, line] = [6, 4, 88, 8, 22]

/** A figure for each of some pictures; none where the decoder has no attention. */
export function attentionFigures({ model, judgement, vocabulary, settings }: RunResult): Figure[] {
  if (!(model instanceof AttentionCaptioning)) return []
  const { captioned } = judgement
  const some = Array.from(
    { length: Math.min(count, captioned.length) },
    (_, i) => captioned[Math.floor(((i + 0.5) * captioned.length) / count)],
  )
  return some.map((one) => {
    const { inputs, lengths } = captionBatch([one.words], vocabulary)
    const weights = model.looks(plainPictures([one.row], model.config.size), inputs, lengths)
    const [, , positions] = weights.shape
    const steps = one.words.map((_, t) => Array.from(weights.data.subarray(t * positions, (t + 1) * positions)))
    return {
      svg: drawLooks(one, { steps, size: model.config.size }),
      caption: `"${textOf(one.words, settings.language)}", truly "${textOf(one.row.words, settings.language)}"`,
    }
  })
}

function drawLooks(
  { row, words }: Captioned,
  { steps, size }: { readonly steps: readonly (readonly number[])[]; readonly size: number },
): string {
  const image = dataUri(row.pixels, size)
  const [width, height] = [columns * (side + gap), Math.ceil(steps.length / columns) * (side + line + gap)]
  const panels = steps.map((weights, t) => {
    const [x, y] = [(t % columns) * (side + gap), Math.floor(t / columns) * (side + line + gap)]
    return [
      `<g transform="translate(${x} ${y})">`,
      `<image href="${image}" width="${side}" height="${side}"/>`,
      ...veil(weights),
      `<text x="${side / 2}" y="${side + 15}" text-anchor="middle" font-size="13">${escapeText(words[t])}</text>`,
      '</g>',
    ].join('')
  })
  const label = escapeText(`Where the network looked for ${words.join(' ')}`)
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}">${panels.join('')}</svg>`
}

/** Dark squares over the picture, the darker the less was looked at; `weights` are those of a square grid. */
function veil(weights: readonly number[]): string[] {
  const across = Math.round(Math.sqrt(weights.length))
  const most = Math.max(...weights)
  const step = side / across
  return weights.map((weight, i) => {
    const opacity = (0.8 * (1 - weight / most)).toFixed(3)
    const [x, y] = [(i % across) * step, Math.floor(i / across) * step]
    return `<rect x="${x}" y="${y}" width="${step}" height="${step}" fill="#1b2733" opacity="${opacity}"><title>${weight.toFixed(3)}</title></rect>`
  })
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeText = (text: string) => text.replaceAll(/[&<>"]/g, (character) => entities[character])
