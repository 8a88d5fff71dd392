import { formatNumber } from "../../../domain/text/numbers.ts"

/** The part of WebAssembly's JavaScript interface that is used here. */
interface WebAssemblyInterface {
  readonly Memory: new (limits: {
    readonly initial: number
    readonly maximum?: number
    readonly shared?: boolean
  }) => KernelMemory
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, object>>>>
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

/** Memory that kernels work in. One that is shared may be sent to other threads. */
export interface KernelMemory {
  readonly buffer: ArrayBufferLike
}

// TypeScript declares it with the browser's library only; every engine that runs Fovea has it.
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface }

const pageSize = 65_536

const mostBytes = 2 ** 32

const pagesOf = (bytes: number): number => {
  if (bytes <= mostBytes) return Math.max(1, Math.ceil(bytes / pageSize))
  const problem = `the state and what shards exchange take ${formatNumber(bytes / 2 ** 30)} GiB, of which WebAssembly can address 4`
  throw new RangeError(`${problem}: take fewer shards, or a smaller model`)
}

/** Memory of this many bytes at least, all 0. Throws a `RangeError` for more than 4 GiB. */
export const kernelMemory = (bytes: number): KernelMemory => new WebAssembly.Memory({ initial: pagesOf(bytes) })

/** The same for several threads, and kernels that are written for such. */
export const sharedKernelMemory = (bytes: number): KernelMemory =>
  new WebAssembly.Memory({ initial: pagesOf(bytes), maximum: pagesOf(bytes), shared: true })

/** The function of a module that `moduleOf` has made, at work in `memory`. */
export const startKernel = (
  bytes: Uint8Array<ArrayBuffer>,
  memory: KernelMemory
): ((...numbers: ReadonlyArray<number>) => void) => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { fovea: { memory } })
  // The border to WebAssembly: `moduleOf` writes modules that export this one function.
  return exports["run"] as (...numbers: ReadonlyArray<number>) => void
}
