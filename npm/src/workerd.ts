// workerd compiles no bytes at run time: the module is imported, already compiled.
import compiled from "./onhand_bg.wasm";
import { Engine } from "./engine.js";

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

/** An engine with the book of a snapshot and the facts that came since. */
export async function restore(snapshot: Uint8Array, eventsSince: Parameters<Engine["applyAll"]>[0] = []): Promise<Engine> {
  return restoreSync(snapshot, eventsSince);
}

/** The same at once. */
export function restoreSync(snapshot: Uint8Array, eventsSince: Parameters<Engine["applyAll"]>[0] = []): Engine {
  const engine = Engine.from(compiled);
  engine.load(snapshot);
  engine.applyAll(eventsSince);
  return engine;
}
