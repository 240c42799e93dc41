/** The book that the worker answers from: a snapshot in a bucket, kept in memory and looked at again now and then. */
import { isOnhandError, restore } from "onhand";
import { Problem } from "./problem.js";

/**
 * @typedef {object} Environment
 * @property {R2Bucket} STOCK Where whoever keeps the book puts its snapshots.
 */

const SNAPSHOT = "snapshot.bin";
/** A newer snapshot is seen after at most this many milliseconds. */
const FRESH_FOR = 5_000;

/** @type {{ engine: import("onhand").Engine, etag: string } | undefined} */
let book;
let looked = 0;

/**
 * Asks the engine. The question is answered in one go, so no snapshot comes in between its parts.
 *
 * @template T
 * @param {Environment} environment
 * @param {(engine: import("onhand").Engine) => T} question
 * @returns {Promise<T>}
 */
export async function ask(environment, question) {
  try {
    return question(await current(environment));
  } catch (error) {
    if (!isOnhandError(error) || error.code !== "engine_lost") throw error;
    // An engine that failed answers nothing ever again; the snapshot makes a new one.
    book = undefined;
    return question(await current(environment));
  }
}

/**
 * The engine of the newest snapshot. Requests that come at once may each load it: to wait for what another request reads is not
 * possible in a worker, and the answer is the same.
 *
 * @param {Environment} environment
 */
async function current(environment) {
  if (book !== undefined && Date.now() - looked < FRESH_FOR) return book.engine;
  const held = book;
  const found = await environment.STOCK.get(SNAPSHOT, held && { onlyIf: { etagDoesNotMatch: held.etag } });
  if (found === null) throw new Problem(503, "no_snapshot", "snapshot", SNAPSHOT, "is not in the bucket");
  if ("body" in found) {
    const engine = await restored(new Uint8Array(await found.arrayBuffer()));
    // The engine before is left to the collector, not freed: another request may be about to ask it.
    book = { engine, etag: found.etag };
  }
  looked = Date.now();
  return (book ?? /** @type {NonNullable<typeof book>} */ (held)).engine;
}

/** @param {Uint8Array} bytes */
async function restored(bytes) {
  try {
    return await restore(bytes);
  } catch (error) {
    if (!isOnhandError(error)) throw error;
    throw new Problem(503, error.code, "snapshot", SNAPSHOT, error.message);
  }
}
