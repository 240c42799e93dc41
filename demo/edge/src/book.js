/** The book that the worker answers from: a snapshot in a bucket, kept in memory and looked at again now and then. */
import { isOnhandError, restore } from "onhand";
import { Problem } from "./problem.js";

/**
 * @typedef {object} Environment
 * @property {R2Bucket} STOCK Where whoever keeps the book puts its snapshots.
 *
 * @typedef {object} Held The newest snapshot that could be loaded.
 * @property {import("onhand").Engine} engine
 * @property {Uint8Array} bytes Kept, as an engine that fails is made anew from them whatever the bucket has by then.
 * @property {Date} uploaded
 */

const SNAPSHOT = "snapshot.bin";
/** A newer snapshot is seen after at most this many milliseconds. */
const FRESH_FOR = 5_000;

/** @type {Held | undefined} */
let book;
/** What the bucket had when it last had an answer, and why that is not what is held. @type {{ etag: string, uploaded: Date, fault?: Problem } | undefined} */
let seen;
/** Why answers may be older than they should. @type {Problem | undefined} */
let fault;
let looked = 0;

/**
 * Asks the engine, and says which snapshot answered: an offer of an old one commits nothing more than that of a new one, and who reserves
 * checks again. The question is answered in one go, so no snapshot comes in between its parts.
 *
 * @template T
 * @param {Environment} environment
 * @param {(engine: import("onhand").Engine) => T} question
 */
export async function ask(environment, question) {
  const held = await current(environment);
  try {
    return { answer: question(held.engine), headers: headersOf(held) };
  } catch (error) {
    if (!isOnhandError(error) || error.code !== "engine_lost") throw error;
    // An engine that failed answers nothing ever again; the bytes that it was made from make a new one.
    const again = { ...held, engine: await restore(held.bytes) };
    if (book?.engine === held.engine) book = again;
    return { answer: question(again.engine), headers: headersOf(again) };
  }
}

/**
 * For those who run the worker: which snapshot it answers from. Where what the bucket has cannot be loaded that is a problem, although there
 * are answers all the while.
 *
 * @param {Environment} environment
 */
export async function health(environment) {
  const held = await current(environment);
  const { uploaded, engine: { version } } = held;
  if (fault === undefined) return { answer: { ok: true, version, uploaded: uploaded.getTime() }, headers: headersOf(held) };
  const problem = new Problem(503, fault.code, fault.field, fault.value, "", headersOf(held));
  problem.message = `${fault.message}; answers are those of version ${version}, which was put there at ${uploaded.toISOString()}`;
  throw problem;
}

/** @param {Held} held */
function headersOf({ engine, uploaded }) {
  const age = Math.max(0, Math.round((Date.now() - uploaded.getTime()) / 1_000));
  return { "Snapshot-Version": String(engine.version), "Snapshot-Age": String(age), ...(fault && { "Snapshot-Fault": fault.code }) };
}

/**
 * The newest snapshot that can be loaded. One that is damaged, or a bucket that has none or does not answer, takes nothing from those who ask
 * as long as there is an older one: the log says so, and each answer, and `health`. Requests that come at once may each load it: to wait for
 * what another request reads is not possible in a worker, and the answer is the same.
 *
 * @param {Environment} environment
 * @returns {Promise<Held>}
 */
async function current(environment) {
  if (book !== undefined && Date.now() - looked < FRESH_FOR) return book;
  const found = await look(environment);
  if (found !== undefined && found.message !== fault?.message) console.error(found.message);
  fault = found;
  if (book === undefined) throw fault;
  looked = Date.now();
  return book;
}

/**
 * Looks what the bucket has, and holds it if it is new and can be loaded.
 *
 * @param {Environment} environment
 * @returns {Promise<Problem | undefined>} Why what is held is not what the bucket has.
 */
async function look({ STOCK }) {
  let found, bytes;
  try {
    // What could not be loaded is not fetched again and again either.
    found = await STOCK.get(SNAPSHOT, book && seen && { onlyIf: { etagDoesNotMatch: seen.etag } });
    bytes = found && "body" in found ? new Uint8Array(await found.arrayBuffer()) : undefined;
  } catch (error) {
    return new Problem(503, "no_bucket", "snapshot", SNAPSHOT, `cannot be had from the bucket: ${error}`);
  }
  if (found === null) return new Problem(503, "no_snapshot", "snapshot", SNAPSHOT, "is not in the bucket");
  if (bytes === undefined) return seen?.fault;
  const { etag, uploaded } = found;
  const made = await restored(bytes);
  // Another request may have read a newer one meanwhile.
  if (book !== undefined && seen !== undefined && uploaded < seen.uploaded) return seen.fault;
  // The engine before is left to the collector, not freed: another request may be about to ask it.
  if (!(made instanceof Problem)) book = { engine: made, bytes, uploaded };
  seen = { etag, uploaded, fault: made instanceof Problem ? made : undefined };
  return seen.fault;
}

/** @param {Uint8Array} bytes */
async function restored(bytes) {
  try {
    return await restore(bytes);
  } catch (error) {
    if (!isOnhandError(error)) throw error;
    return new Problem(503, error.code, "snapshot", SNAPSHOT, error.message);
  }
}
