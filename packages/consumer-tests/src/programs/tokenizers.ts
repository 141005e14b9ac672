// A consumer of tokenizers alone.
import { tokenizerFromJSON, trainBytePairTokenizer } from '@ostinato/tokenizers'

const tokenizer = trainBytePairTokenizer(['low lower lowest', 'new newer newest'], { maximumSize: 280 })
const loaded = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)))

/** The text as its ids say it. */
export const result: string = loaded.decode(loaded.encode('a newer low'))
