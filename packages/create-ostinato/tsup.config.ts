import { library } from '@ostinato/config/tsup'

export default library({ entry: ['src/main.ts'], platform: 'node', dts: false, sourcemap: false })
