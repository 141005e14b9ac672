import { library } from '@ostinato/config/tsup'

export default library({ platform: 'node' })
