// workerd compiles no bytes at run time: the module is imported, already compiled.
import compiled from "./onhand_bg.wasm";
import { Engine } from "./engine.js";
import type { BatchOutcome, OnhandEvent } from "./types.js";

export * from "./shared.js";

/** The module is there from the start; here for code that runs on several hosts. */
export async function init(): Promise<void> {}

/** An engine with an empty book. */
export async function createEngine(): Promise<Engine> {
  return Engine.from(compiled);
}

/** The same at once. */
export function createEngineSync(): Engine {
  return Engine.from(compiled);
}

/**
 * An engine with the book of a snapshot and the facts that came since. What became of these, and which of them were turned away, `told`
 * hears, before the engine is there: what it throws, `restore` throws.
 */
export async function restore(snapshot: Uint8Array, factsSince?: readonly OnhandEvent[], told?: (outcome: BatchOutcome) => void): Promise<Engine> {
  return restoreSync(snapshot, factsSince, told);
}

/** The same at once. */
export function restoreSync(snapshot: Uint8Array, factsSince?: readonly OnhandEvent[], told?: (outcome: BatchOutcome) => void): Engine {
  return Engine.restored(compiled, snapshot, factsSince, told);
}
