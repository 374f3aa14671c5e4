/** Declared by none of the libraries that an agent is compiled with. */
interface Engine {
  WebAssembly: {
    Module: new (bytes: Buffer) => object;
    Instance: new (module: object) => { exports: object };
  };
}

/**
 * Returns what has a module's exports at hand: made when it is first called, one for all of a thread. It returns
 * undefined where there is no WebAssembly with SIMD, or no address space for the module's memory (`ulimit -v`).
 *
 * @param assembled the module, as base64
 * @param make what is called is made of its exports
 */
export function moduleOnce<Exports extends object, Made>(
  assembled: string,
  make: (exports: Exports) => Made,
): () => Made | undefined {
  let made: { it: Made | undefined } | undefined;
  return () => {
    if (made === undefined) {
      const exports = instantiated(assembled) as Exports | undefined;
      made = { it: exports && make(exports) };
    }
    return made.it;
  };
}

function instantiated(assembled: string): object | undefined {
  try {
    const { WebAssembly } = globalThis as unknown as Engine;
    return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(assembled, 'base64'))).exports;
  } catch {
    return undefined;
  }
}
