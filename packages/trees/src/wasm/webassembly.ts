/** A module that was compiled; it can be posted to threads. */
export type CompiledModule = object;

interface WebAssemblyApi {
  /** Compiles; throws where the bytes are not valid. */
  readonly Module: new (
    bytes: Uint8Array,
  ) => CompiledModule;
  readonly Instance: new (
    module: CompiledModule,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

/**
 * The part of the API that is used. TypeScript has its types among those of browsers only, which
 * would let every other name of a browser pass, too.
 */
export const webAssembly: WebAssemblyApi = Reflect.get(globalThis, 'WebAssembly');
