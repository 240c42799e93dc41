import { Engine } from "./engine.js";
import { isReady, moduleBytes, ready } from "./host.js";
import { OnhandError } from "./errors.js";
import type { BatchOutcome, OnhandEvent } from "./types.js";
import { isModule } from "./wire.js";

export * from "./shared.js";

/** Where the WebAssembly comes from, for those who bring their own. */
export type Source = WebAssembly.Module | Uint8Array | ArrayBuffer;

let compiled: WebAssembly.Module | undefined;

/** Compiles the module once. Calling it is optional: `createEngine` does it. */
export async function init(source?: Source): Promise<void> {
  await ready();
  initSync(source);
}

/** The same at once: Node.js compiles without waiting. Before Node.js 20.16, ESM has to wait for `init` once. */
export function initSync(source?: Source): void {
  moduleOf(source);
}

/** An engine with an empty book. */
export async function createEngine(): Promise<Engine> {
  await ready();
  return Engine.from(moduleOf());
}

/** The same at once. */
export function createEngineSync(): Engine {
  return Engine.from(moduleOf());
}

/**
 * An engine with the book of a snapshot and the facts that came since. What became of these, and which of them were turned away, `told`
 * hears, before the engine is there: what it throws, `restore` throws.
 */
export async function restore(snapshot: Uint8Array, factsSince?: readonly OnhandEvent[], told?: (outcome: BatchOutcome) => void): Promise<Engine> {
  await ready();
  return restoreSync(snapshot, factsSince, told);
}

/** The same at once. */
export function restoreSync(snapshot: Uint8Array, factsSince?: readonly OnhandEvent[], told?: (outcome: BatchOutcome) => void): Engine {
  return Engine.restored(moduleOf(), snapshot, factsSince, told);
}

function moduleOf(source?: Source): WebAssembly.Module {
  if (isModule(source)) return (compiled = source as WebAssembly.Module);
  if (source === undefined && compiled !== undefined) return compiled;
  if (source === undefined && !isReady()) {
    throw new OnhandError("init_failed", "Node.js before 20.16 reads the module only later: `await init()` first");
  }
  let bytes: Source;
  try {
    bytes = source ?? moduleBytes();
  } catch (cause) {
    throw new OnhandError("init_failed", "`onhand_bg.wasm` is not beside the script: leave the package out of the bundle, or give its bytes to `init`", { cause });
  }
  try {
    return (compiled = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
  } catch (cause) {
    throw new OnhandError("init_failed", `\`init\` takes the WebAssembly module or its bytes: ${(cause as Error).message}`, { cause });
  }
}
