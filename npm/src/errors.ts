/** What can go wrong in the use of the package. A refusal is no error: it is an answer with `ok: false`. */
export type OnhandErrorCode =
  | "init_failed"
  | "version_mismatch"
  | "invalid_argument"
  | "limit"
  | "invalid_snapshot"
  | "engine_lost"
  | "engine_freed";

/** The one class for misuse and failure. Branch on `code`; `path` names the part of the input, as in `lines[3].quantity`. */
export class OnhandError extends Error {
  /** The name of the class, also where a minifier renames it. */
  override readonly name: string = "OnhandError";
  /** What to branch on. */
  readonly code: OnhandErrorCode;
  /** The part of the input that is wrong, such as `facts[3].lines[0].quantity`. */
  readonly path?: string;
  /** Lets `isOnhandError` know an error of another copy of this package. */
  readonly onhand = true;

  constructor(code: OnhandErrorCode, message: string, options: { path?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.path !== undefined) this.path = options.path;
  }
}

/**
 * The WebAssembly instance behind the engine failed and cannot be trusted any more. Nothing is silently empty: every later
 * call throws this too. Make a new engine with `restore(snapshot, factsSince)`.
 */
export class EngineLostError extends OnhandError {
  /** The name of the class. */
  override readonly name = "EngineLostError";
  /** The last version that the engine was known to have. */
  readonly lastVersion: number;

  constructor(lastVersion: number, cause?: unknown) {
    super("engine_lost", `the engine failed after version ${lastVersion}; restore a snapshot`, { cause });
    this.lastVersion = lastVersion;
  }
}

/** Whether a value is an `OnhandError`, also of another copy of this package (ESM and CommonJS side by side). */
export function isOnhandError(value: unknown): value is OnhandError {
  return value instanceof Error && (value as { onhand?: unknown }).onhand === true;
}

export function invalid(path: string, problem: string, value?: unknown): OnhandError {
  const shown = value === undefined ? "" : `: \`${said(value)}\``;
  return new OnhandError("invalid_argument", `${path === "" ? "what was given" : `\`${path}\``} ${problem}${shown}`, { path });
}

/** A value for people. To make a text of an object may run its code, fail or never end: of those only the type is said. */
function said(value: unknown): string {
  const type = typeof value;
  if (type === "string") return JSON.stringify((value as string).slice(0, 60));
  if (Array.isArray(value)) return "list";
  return value === null || type === "number" || type === "boolean" ? String(value) : type;
}
