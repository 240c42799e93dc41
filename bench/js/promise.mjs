// A greedy promise through the package against the same in JavaScript, idiomatic and optimised. All three give the same offers.
import assert from "node:assert/strict";

import * as maps from "./greedy-maps.mjs";
import { TypedWorld } from "./greedy-typed.mjs";
import { compare } from "./measure.mjs";
import { network, orders } from "./network.mjs";
import { engineWith } from "./onhand.mjs";

const ORDERS = 128;

for (const { name, skus, nodes, lines } of [
  { name: "10x50", skus: 2_000, nodes: 50, lines: 10 },
  { name: "3x200", skus: 2_000, nodes: 200, lines: 3 },
]) {
  const facts = network({ skus, nodes });
  const engine = engineWith(facts);
  const world = maps.readWorld(facts);
  const typed = new TypedWorld(facts);
  const carts = orders({ skus, lines, count: ORDERS, search: "greedy" });
  for (const cart of carts) {
    const offer = planOf(engine.promise(cart));
    assert.deepEqual(planOf(maps.promise(world, cart)), offer);
    assert.deepEqual(planOf(typed.promise(cart)), offer);
  }
  let at = 0;
  const next = () => carts[at++ % ORDERS];
  const ours = () => engine.promise(next());
  compare(`promise_greedy_${name}_idiomatic`, ours, () => maps.promise(world, next()));
  compare(`promise_greedy_${name}_typed`, ours, () => typed.promise(next()));
  engine.free();
}

/** What an offer comes to, without what only onhand says: its version, bound and steps. */
function planOf({ ok, cost, shipments, unmet }) {
  return { ok, cost, shipments, unmet };
}
