// Types of vitest.js.
import type { ViteUserConfig } from 'vitest/config'

export declare function testConfig(test?: ViteUserConfig['test']): ViteUserConfig
export declare function projectConfig(root: string): ViteUserConfig
