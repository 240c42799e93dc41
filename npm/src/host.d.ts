/** Whether the file can be read at once; else `ready` makes it so. */
export declare function isReady(): boolean;
/** What `moduleBytes` needs, on hosts where that is not at hand at once. */
export declare function ready(): Promise<void>;
/** The module beside the package's JavaScript. Where its file is differs between ESM and CommonJS: the build fills this in. */
export declare function moduleBytes(): Uint8Array;
