// Batches of facts with full rules, as rows, as text and as objects, against JavaScript that only adds up. Both end with the same stock.
import assert from "node:assert/strict";

import { compare, rounds, settle, timed } from "./measure.mjs";
import { NOW } from "./network.mjs";
import { onhand } from "./onhand.mjs";
import { Maps, Shop } from "./shop.mjs";

const [BATCH, BATCHES] = [10_000, 4];
const shop = new Shop({ skus: 2_000, nodes: 50 });
const maps = new Maps(shop);

/** A text as it comes from elsewhere: in one piece. `JSON.stringify` leaves it in many, which whoever reads it first would have to join. */
const arrived = (text) => Buffer.from(text).toString();

const forms = {
  rows_against_maps: {
    form: (changes) => shop.rows(changes),
    ours: (rows) => shop.engine.applyRows(rows),
    theirForm: (changes) => shop.events(changes),
    theirs: (events) => maps.post(events),
  },
  text_against_maps: {
    form: (changes) => arrived(JSON.stringify(shop.events(changes))),
    ours: (text) => shop.engine.applyJson(text),
    theirForm: (changes) => arrived(JSON.stringify(shop.events(changes))),
    theirs: (text) => maps.post(JSON.parse(text)),
  },
  objects_against_maps: {
    form: (changes) => shop.events(changes),
    ours: (events) => shop.engine.applyAll(events),
    theirForm: (changes) => shop.events(changes),
    theirs: (events) => maps.post(events),
  },
};

for (const [key, { form, ours, theirForm, theirs }] of Object.entries(forms)) {
  rounds(`batch_${key}`, (swap) => {
    // Made beforehand, and both sides get their own: nobody reads what the other has just brought into cache.
    const changes = Array.from({ length: BATCHES }, () => shop.changes(BATCH));
    const [mine, other] = [changes.map(form), changes.map(theirForm)];
    settle();
    const outcomes = [];
    const one = () => timed(() => mine.forEach((batch) => outcomes.push(ours(batch))));
    const two = () => timed(() => other.forEach(theirs));
    const seconds = swap ? [two(), one()].reverse() : [one(), two()];
    for (const outcome of outcomes) shop.posted(outcome, BATCH);
    shop.close();
    return seconds;
  }, { pieces: BATCH * BATCHES });
}

for (const sku of shop.skus.slice(0, 100)) {
  for (const [node, { onHand }] of maps.stock.get(sku)) {
    assert.equal(shop.engine.available({ sku, node, now: NOW + 1e12 }).onHand, onHand);
  }
}

// A snapshot to its first answer, against the same stock as text. The engine is there, as V8 is; what starting it takes is a claim
// of its own.
const snapshot = shop.engine.snapshot();
const engine = onhand.createEngineSync();
const text = JSON.stringify([...maps.stock].map(([sku, nodes]) => [sku, [...nodes]]));
const question = { sku: shop.skus[7], node: shop.nodes[7], now: NOW + 1e12 };
const ours = () => {
  engine.load(snapshot);
  return engine.available(question).onHand;
};
const theirs = () => {
  const stock = new Map(JSON.parse(text).map(([sku, nodes]) => [sku, new Map(nodes)]));
  return stock.get(question.sku).get(question.node).onHand;
};
assert.equal(ours(), theirs());
compare("snapshot_against_maps", ours, theirs);
