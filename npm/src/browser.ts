import { Engine } from "./engine.js";
import { OnhandError } from "./errors.js";
import type { BatchOutcome, OnhandEvent } from "./types.js";
import { isModule } from "./wire.js";

export * from "./shared.js";

/** Where the WebAssembly comes from, for those who bring their own. */
export type Source = WebAssembly.Module | Uint8Array | ArrayBuffer | Response | URL | string;

let compiling: Promise<WebAssembly.Module> | undefined;

/**
 * Fetches and compiles the module once; calls at the same time share one fetch. After a failure it may be called again.
 * Calling it is optional: `createEngine` does it.
 */
export async function init(source?: Source): Promise<void> {
  await moduleOf(source);
}

/** An engine with an empty book. */
export async function createEngine(): Promise<Engine> {
  return Engine.from(await moduleOf());
}

/**
 * An engine with the book of a snapshot and the facts that came since. What became of these, and which of them were turned away, `told`
 * hears, before the engine is there: what it throws, `restore` throws.
 */
export async function restore(snapshot: Uint8Array, factsSince?: readonly OnhandEvent[], told?: (outcome: BatchOutcome) => void): Promise<Engine> {
  return Engine.restored(await moduleOf(), snapshot, factsSince, told);
}

function moduleOf(source?: Source): Promise<WebAssembly.Module> {
  if (source === undefined && compiling !== undefined) return compiling;
  const attempt = compile(source);
  compiling = attempt;
  attempt.catch(() => {
    if (compiling === attempt) compiling = undefined;
  });
  return attempt;
}

async function compile(source?: Source): Promise<WebAssembly.Module> {
  if (isModule(source)) return source as WebAssembly.Module;
  if (source === undefined || typeof source === "string" || source instanceof URL) {
    let response: Response;
    try {
      // A bundle in one classic script has no address that others begin with.
      response = await fetch(source ?? new URL("./onhand_bg.wasm", import.meta.url));
    } catch (cause) {
      throw failed(`\`${String(source ?? "onhand_bg.wasm")}\` cannot be fetched`, cause);
    }
    return compileResponse(response);
  }
  if (source instanceof Response) return compileResponse(source);
  return compileBytes(source as Uint8Array, "what was given");
}

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const where = `\`${response.url}\``;
  if (!response.ok) throw failed(`${where} answered with status ${response.status}`);
  const type = response.headers.get("content-type") ?? "";
  // Streaming needs the right type; servers that send another are common, and bytes will do.
  if (type.split(";")[0]?.trim() !== "application/wasm") return compileBytes(await response.arrayBuffer(), `${where} (${type || "no content type"})`);
  try {
    return await WebAssembly.compileStreaming(response);
  } catch (cause) {
    throw failed(`${where} cannot be compiled`, cause);
  }
}

async function compileBytes(bytes: Uint8Array | ArrayBuffer, where: string): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes as BufferSource);
  } catch (cause) {
    throw failed(`${where} cannot be compiled`, cause);
  }
}

function failed(problem: string, cause?: unknown): OnhandError {
  const remedy = /unsafe-eval|CSP|Content Security/.test(String(cause))
    ? "the content security policy needs script-src 'wasm-unsafe-eval'"
    : "give `init` the address of `onhand_bg.wasm`, or its bytes";
  return new OnhandError("init_failed", `${problem}: ${remedy}`, { cause });
}
