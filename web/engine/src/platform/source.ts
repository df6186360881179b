/** Where the WebAssembly module may come from. */

/** The module: compiled, its bytes, or where they are. */
export type Source = WebAssembly.Module | Uint8Array<ArrayBuffer> | ArrayBuffer | URL | string;

/** The compiled module, when that takes no reading. */
export function compileGiven(source: Source): Promise<WebAssembly.Module> | undefined {
  if (source instanceof WebAssembly.Module) return Promise.resolve(source);
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  return undefined;
}
