import { projectConfig } from '@ostinato/config/vitest'

export default projectConfig(import.meta.dirname)
