import { Engine } from "./engine.js";
import { OnhandError } from "./errors.js";

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

/** An engine with the book of a snapshot and the facts that came since. */
export async function restore(snapshot: Uint8Array, eventsSince: Parameters<Engine["applyAll"]>[0] = []): Promise<Engine> {
  const engine = Engine.from(await moduleOf());
  engine.load(snapshot);
  engine.applyAll(eventsSince);
  return engine;
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

async function compile(source: Source): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source === "string" || source instanceof URL) {
    let response: Response;
    try {
      response = await fetch(source);
    } catch (cause) {
      throw new OnhandError("init_failed", `\`${String(source)}\` cannot be fetched`, { cause });
    }
    return compileResponse(response);
  }
  if (source instanceof Response) return compileResponse(source);
  return compileBytes(source, "the bytes given");
}

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const where = `\`${response.url}\``;
  if (!response.ok) throw new OnhandError("init_failed", `${where} answered with status ${response.status}`);
  const type = response.headers.get("content-type") ?? "";
  // Streaming needs the right type; servers that send another are common, and bytes will do.
  if (type.split(";")[0]?.trim() !== "application/wasm") return compileBytes(await response.arrayBuffer(), `${where} (${type || "no content type"})`);
  try {
    return await WebAssembly.compileStreaming(response);
  } catch (cause) {
    throw failed(where, cause);
  }
}

async function compileBytes(bytes: Uint8Array | ArrayBuffer, where: string): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes as BufferSource);
  } catch (cause) {
    throw failed(where, cause);
  }
}

function failed(where: string, cause: unknown): OnhandError {
  const hint = String(cause).includes("Content Security Policy") || String(cause).includes("unsafe-eval")
    ? ": the content security policy needs script-src 'wasm-unsafe-eval'"
    : "";
  return new OnhandError("init_failed", `${where} cannot be compiled${hint}`, { cause });
}
