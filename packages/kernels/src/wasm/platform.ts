// The few parts of WebAssembly and of Node's process that are used, typed here so that neither browser nor Node types
// are needed, and every one of them may be absent.

interface Platform {
  readonly WebAssembly?: {
    validate(bytes: Uint8Array): boolean
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object) => { readonly exports: unknown }
  }
  readonly process?: {
    readonly versions?: { readonly node?: string }
    getBuiltinModule?(name: string): { setFlagsFromString?(flag: string): void } | undefined
  }
}

const platform = globalThis as Platform

/** Whether the bytes are a module that can run here. */
export function validates(bytes: Uint8Array): boolean {
  try {
    return platform.WebAssembly?.validate(bytes) ?? false
  } catch {
    return false
  }
}

/** Compiles and instantiates a module without imports. The caller has validated the bytes and knows the exports. */
export function instantiate(bytes: Uint8Array): unknown {
  const { WebAssembly } = platform
  if (WebAssembly === undefined) throw new Error('expected WebAssembly, got an engine without it')
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports
}

/** Turns relaxed SIMD on in Node 20, where it is behind a flag. Later versions have it on and reject the flag. */
export function allowRelaxedSimd(): void {
  try {
    const { process } = platform
    if (process?.versions?.node?.startsWith('20.') !== true) return
    process.getBuiltinModule?.('node:v8')?.setFlagsFromString?.('--experimental-wasm-relaxed-simd')
  } catch {
    // Without the flag the SIMD build is used.
  }
}
