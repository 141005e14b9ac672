// Types of arrows.js.
export interface Arrow {
  readonly layer: number
  readonly mayImport: readonly string[]
}
export declare const arrows: Readonly<Record<string, Arrow>>
export declare const sameLayer: readonly string[]
export declare const core: readonly string[]
export declare const programs: readonly string[]
export declare const tools: readonly string[]
export declare const scope: string
export declare const appScope: string
