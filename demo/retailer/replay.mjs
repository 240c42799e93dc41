// Feeds a log of events to the package `onhand` in Node.js: the same file, frame by frame, that the native side has read.
// Prints how far it is, and at the end the digest, as lines of JSON.
import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";

// The package itself, by its name and its own list of exports, as it lies in this repository.
const { createEngineSync } = createRequire(new URL("../../npm/package.json", import.meta.url))("onhand");

const NAMES = "N";
const ROWS = "Rr";
const TEXTS = "Tt";
/** More passes than any order of arrival needs. */
const PASSES_MAX = 50;

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

/** A tag, a length of 32 bits in little-endian, and so many bytes. */
function* frames(path) {
  const file = openSync(path, "r");
  const head = Buffer.alloc(5);
  try {
    while (readSync(file, head, 0, head.length, null) === head.length) {
      const bytes = Buffer.alloc(head.readUInt32LE(1));
      let read = 0;
      while (read < bytes.length) {
        const more = readSync(file, bytes, read, bytes.length - read, null);
        if (more === 0) throw new Error(`${path} ends in the middle of a frame`);
        read += more;
      }
      yield { tag: String.fromCharCode(head[0]), bytes };
    }
  } finally {
    closeSync(file);
  }
}

function intern(engine, names) {
  for (const [kind, list] of [["source", names.sources], ["sku", names.skus], ["node", names.nodes]]) {
    list.forEach((name, number) => {
      if (engine.intern(kind, name) !== number) throw new Error(`the book numbers ${name} another way`);
    });
  }
}

function feed(engine, { tag, bytes }) {
  if (ROWS.includes(tag)) return engine.applyRows(bytes);
  if (TEXTS.includes(tag)) return engine.applyJson(bytes);
  throw new Error(`a log of events has no frames ${tag}`);
}

/** Feeds the file once; answers how many events were posted and how many were not acknowledged. */
function pass(engine, path) {
  let [fed, posted, turnedAway, said] = [0, 0, 0, Date.now()];
  for (const frame of frames(path)) {
    if (frame.tag === NAMES) {
      intern(engine, JSON.parse(frame.bytes.toString("utf8")));
      continue;
    }
    const batch = feed(engine, frame);
    fed += batch.events;
    posted += batch.posted;
    turnedAway += batch.turnedAwayCount;
    if (Date.now() - said > 100) {
      say({ fed });
      said = Date.now();
    }
  }
  return { posted, turnedAway };
}

const [path] = process.argv.slice(2);
const began = performance.now();
const engine = createEngineSync();
let passes = 0;
// A fact that is turned away stays with its source, which sends it again; what was posted before is a replay.
for (;;) {
  const { posted, turnedAway } = pass(engine, path);
  passes += 1;
  if (turnedAway === 0 || posted === 0 || passes === PASSES_MAX) break;
}
const fed = performance.now();
const digest = engine.digest();
const [seconds, digest_seconds] = [fed - began, performance.now() - fed].map((millis) => millis / 1000);
say({ done: { digest, version: engine.version, passes, seconds, digest_seconds, host: `Node.js ${process.version}` } });
