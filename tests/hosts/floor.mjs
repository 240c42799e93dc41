// The doors of the floor as the binding has them, in numbers with names beside: wasm/src/floor.rs and trail.rs say which number is what.
import { readFileSync } from "node:fs";
import { KINDS } from "./kinds.mjs";
import { ask, words } from "./words.mjs";
import * as floor from "../../npm/wasm/floor/onhand.js";

floor.initSync({ module: readFileSync(new URL("../../npm/wasm/floor/onhand_bg.wasm", import.meta.url)) });

/** Asks with the book of another module's engine. */
function withBook(snapshot, call) {
  const engine = new floor.Engine();
  try {
    engine.load(snapshot);
    return call(engine);
  } finally {
    engine.free();
  }
}

export function inspect(snapshot, { receipt, expires, order }) {
  const { number, name, list, asked } = words();
  list(expires, (moment) => number(moment));
  name(order?.supply);
  list(order?.items ?? [], (item) => {
    name(item.sku);
    number(item.open, item.over.units, item.over.ppm, item.under.units, item.under.ppm, item.by_lot, item.life_ms);
    list(item.packs, ([pack, units]) => {
      name(pack);
      number(units);
    });
  });
  return withBook(snapshot, (engine) => JSON.parse(engine.inspect(JSON.stringify(receipt), ...asked())));
}

export function tally(snapshot, { name: count, node, items = [], owners = [], places = [], marks, close }) {
  const asked = words();
  const { number, name, list } = asked;
  name(count, node);
  number(0);
  list(items, (sku) => name(sku));
  list([], () => {});
  list(owners, (owner) => name(owner));
  list(places, (place) => name(place));
  list(marks, (mark) => {
    name(mark.who, mark.place);
    if (mark.sku !== undefined) {
      number(0);
      name(mark.sku, undefined, mark.owner);
      number(mark.units);
    } else if (mark.finished !== undefined) number(1, mark.finished);
    else number(2);
  });
  name(close?.source);
  number(close?.first);
  const answer = withBook(snapshot, (engine) => ask(engine, "count", asked));
  const disputes = answer.disputes.map((dispute) => ({ ...dispute, found: dispute.found.map(([who, units]) => ({ who, units })) }));
  return { ...answer, disputes };
}

export function desk(snapshot, { policy, events }) {
  const { number, name, list, asked } = words();
  list(policy.rules, (rule) => {
    name(rule.name);
    list(rule.kinds, (kind) => number(KINDS.indexOf(kind)));
    name(rule.role, rule.reason, rule.node);
    number(rule.window_ms, rule.units, rule.value, rule.share_ppm, rule.times);
  });
  list(policy.approvers, (role) => name(role));
  number(policy.skew_ms);
  number(0);
  name("0".repeat(64));
  return withBook(snapshot, (engine) => {
    const trail = new floor.Trail(engine, ...asked());
    const answers = events.map(({ door, event, recorded }) => JSON.parse(trail[door](engine, event, recorded)));
    const { entries, seal } = JSON.parse(trail.head());
    return { answers, due: JSON.parse(trail.due()), entries, seal };
  });
}
