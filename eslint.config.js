import { houseConfig } from '@ostinato/config/eslint'

export default houseConfig(import.meta.dirname)
