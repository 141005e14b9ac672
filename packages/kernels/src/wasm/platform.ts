// The few parts of WebAssembly and of Node's process that are used, typed here so that neither browser nor Node types
// are needed, and every one of them may be absent. Not here: what starts threads (workers.ts).

/** The memory of one or more instances. */
export interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

interface Platform {
  readonly WebAssembly?: {
    validate(bytes: Uint8Array): boolean
    readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => Memory
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
  }
  readonly process?: {
    readonly versions?: { readonly node?: string }
    getBuiltinModule?(name: string): { setFlagsFromString?(flag: string): void } | undefined
  }
}

const platform = globalThis as Platform

/** Pages that the builds ask for, and that they can address. */
const LIMITS = { initial: 2, maximum: 65_536 }

/** Whether the bytes are a module that can run here. */
export function validates(bytes: Uint8Array): boolean {
  try {
    return platform.WebAssembly?.validate(bytes) ?? false
  } catch {
    return false
  }
}

/** Compiles a module. The caller has validated the bytes. */
export function compile(bytes: Uint8Array): object {
  return new (webAssembly().Module)(bytes)
}

/** A new memory; a shared one can have instances on several threads. */
export function makeMemory(shared: boolean): Memory {
  return new (webAssembly().Memory)({ ...LIMITS, shared })
}

/** An instance on a memory. The caller knows the exports. */
export function instantiate(module: object, memory: Memory): unknown {
  return new (webAssembly().Instance)(module, { env: { memory } }).exports
}

function webAssembly(): NonNullable<Platform['WebAssembly']> {
  const { WebAssembly } = platform
  if (WebAssembly === undefined) throw new Error('expected WebAssembly, got an engine without it')
  return WebAssembly
}

/**
 * Turns relaxed SIMD on in Node 20, where it is behind a flag, and says whether it could. Later versions have it on and
 * reject the flag.
 */
export function allowRelaxedSimd(): boolean {
  try {
    const { process } = platform
    if (process?.versions?.node?.startsWith('20.') !== true) return false
    process.getBuiltinModule?.('node:v8')?.setFlagsFromString?.('--experimental-wasm-relaxed-simd')
    return true
  } catch {
    // Without the flag the SIMD build is used.
    return false
  }
}
