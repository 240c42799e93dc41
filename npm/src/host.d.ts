/** Path or URL of the WebAssembly file beside this module; made by the build, once for ESM and once for CommonJS. */
export declare function moduleBytes(): string | URL;
