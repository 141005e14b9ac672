// Trains, and says how good the network is.
import { say } from './output.ts'
import { predict } from './predict.ts'
import { train } from './train.ts'

const { model, testAccuracy } = await train({ seed: 1 })
say(`test accuracy ${testAccuracy.toFixed(3)} (saying always the same: about 0.5)`)

const values = [1.5, ...Array.from({ length: 11 }, () => -1)]
say(`1.5, then eleven times -1: the network says that the first was ${predict(model, [values])[0] ? 'positive' : 'negative'}`)
