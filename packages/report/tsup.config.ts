import { library } from '@ostinato/config/tsup'

export default library({ entry: ['src/index.ts', 'src/terminal/index.ts'] })
