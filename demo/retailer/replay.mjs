// Feeds a log of events to the package `onhand` in Node.js: the same file, frame by frame, that the native side has read.
// Prints how far it is, and at the end the digest, as lines of JSON.
import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";

// The package itself, by its name and its own list of exports, as it lies in this repository.
const { createEngineSync } = createRequire(new URL("../../npm/package.json", import.meta.url))("onhand");

const NAMES = "N";
const ROWS = "Rr";
const TEXTS = "Ttc";
const CLOSE = "c";
/** More passes of a period than any order of arrival needs. */
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

/** Feeds a period, and again while sources have facts that were not acknowledged; answers how often. */
function feedPeriod(engine, period) {
  for (let passes = 1; ; passes += 1) {
    let [posted, turnedAway] = [0, 0];
    for (const frame of period) {
      const batch = feed(engine, frame);
      posted += batch.posted;
      turnedAway += batch.turnedAwayCount;
      if (passes === 1) fed += batch.events;
      if (Date.now() - said > 100) {
        say({ fed });
        said = Date.now();
      }
    }
    if (turnedAway === 0 || posted === 0 || passes === PASSES_MAX) return passes;
  }
}

const [path] = process.argv.slice(2);
const began = performance.now();
const engine = createEngineSync();
let [fed, said, passes, period] = [0, Date.now(), 1, []];
for (const frame of frames(path)) {
  if (frame.tag === NAMES) {
    intern(engine, JSON.parse(frame.bytes.toString("utf8")));
  } else if (frame.tag === CLOSE) {
    // A close waits until all before it is acknowledged.
    passes = Math.max(passes, feedPeriod(engine, period), feedPeriod(engine, [frame]));
    period = [];
  } else {
    period.push(frame);
  }
}
passes = Math.max(passes, feedPeriod(engine, period));
const all = performance.now();
const digest = engine.digest();
const [seconds, digest_seconds] = [all - began, performance.now() - all].map((millis) => millis / 1000);
say({ done: { digest, version: engine.version, passes, seconds, digest_seconds, host: `Node.js ${process.version}` } });
