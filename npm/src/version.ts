/** Version of the package, and of the WebAssembly module that it takes. */
export const VERSION = "0.1.0";
