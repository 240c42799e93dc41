/** What is wrong with a request: a code to branch on, the field and its value, and a sentence for people. */
import { isOnhandError } from "onhand";

const BODY_BYTES_MAX = 64 * 1024;
/** What is longer is not sent back. */
const VALUE_MAX = 200;

export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string | undefined} field
   * @param {unknown} value Null in the answer where there is none, or a long one.
   * @param {string} problem Goes on from the name of the field.
   * @param {Record<string, string>} [headers]
   */
  constructor(status, code, field, value, problem, headers = {}) {
    super(field === undefined ? problem : `\`${field}\` ${problem}`);
    Object.assign(this, { status, code, field, value, headers });
  }

  response() {
    const { status, code, field, message, headers } = this;
    const value = this.value !== undefined && JSON.stringify(this.value).length <= VALUE_MAX ? this.value : null;
    return Response.json({ ok: false, code, field, value, message }, { status, headers: { "Cache-Control": "no-store", ...headers } });
  }
}

/**
 * Any error as a problem. What the package refuses comes with the path of the field; anything unforeseen says nothing of its
 * inside.
 *
 * @param {unknown} error
 * @param {(field: string) => unknown} [valueOf] The value that was given for a field.
 */
export function problemOf(error, valueOf = () => undefined) {
  if (error instanceof Problem) return error;
  if (isOnhandError(error) && error.path !== undefined) {
    const problem = new Problem(400, error.code, error.path, valueOf(error.path), "");
    problem.message = error.message;
    return problem;
  }
  console.error(error);
  return new Problem(500, "unforeseen", undefined, undefined, "the worker failed; its log says more");
}

/**
 * The parameters of an address: each at most once, and none that is not known.
 *
 * @param {URLSearchParams} search
 * @param {{ needed: readonly string[], wanted: readonly string[] }} names
 * @returns {Record<string, string | undefined>}
 */
export function parameters(search, { needed, wanted }) {
  for (const [name, value] of search) {
    if (![...needed, ...wanted].includes(name)) throw new Problem(400, "unknown_field", name, value, "is not a known parameter");
    const all = search.getAll(name);
    if (all.length > 1) throw new Problem(400, "repeated_field", name, all, "is given more than once");
  }
  const missing = needed.find((name) => !search.has(name));
  if (missing !== undefined) throw new Problem(400, "missing_field", missing, undefined, "is missing");
  return Object.fromEntries(search);
}

/** @param {Request} request */
export async function jsonBody(request) {
  const type = request.headers.get("Content-Type");
  if (type?.split(";")[0]?.trim().toLowerCase() !== "application/json") {
    throw new Problem(415, "not_json", "content-type", type ?? undefined, "is not application/json");
  }
  const text = await textWithin(request, BODY_BYTES_MAX);
  try {
    const body = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  } catch {
    throw new Problem(400, "not_json", "body", text.slice(0, 60), "is not JSON");
  }
  throw new Problem(400, "not_an_object", "body", text.slice(0, 60), "is not an object");
}

/** Reads no more than it may, whatever the request says of its length. @param {Request} request @param {number} most */
async function textWithin(request, most) {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > most) throw new Problem(413, "limit", "body", undefined, `is longer than ${most} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * The value at a path such as `lines[3].quantity`.
 *
 * @param {unknown} root
 * @param {string} path
 */
export function valueAt(root, path) {
  const keys = path.match(/[^.[\]]+/g) ?? [];
  return keys.reduce((value, key) => (value !== null && typeof value === "object" && Object.hasOwn(value, key) ? value[key] : undefined), root);
}
