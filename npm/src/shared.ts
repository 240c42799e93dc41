/** What every host's entry offers. */
export { Engine } from "./engine.js";
export { EngineLostError, isOnhandError, OnhandError, type OnhandErrorCode } from "./errors.js";
export type { ExpectedSupply } from "./floor.js";
export type { Measure } from "./rulebook.js";
export type * from "./types.js";
export { VERSION } from "./version.js";
export { KINDS, STATES } from "./wire.js";
