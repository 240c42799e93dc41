/** What the entry of promises under rules offers on every host. */
export { EngineLostError, isOnhandError, OnhandError, type OnhandErrorCode } from "./errors.js";
export type { ExpectedSupply } from "./floor.js";
export { Rules } from "./rulebook.js";
export type * from "./rulebook.js";
export { Engine } from "./rules_engine.js";
export type * from "./types.js";
export { VERSION } from "./version.js";
