// Availability of one item at 200 nodes through the package, against JavaScript with Maps that gives the same. Nothing of
// the items changes in between, as when a page lists stores: the package keeps such a column until it does.
import assert from "node:assert/strict";

import { readWorld } from "./greedy-maps.mjs";
import { compare } from "./measure.mjs";
import { network, NOW, sku } from "./network.mjs";
import { engineWith } from "./onhand.mjs";

const [SKUS, NODES, ITEMS] = [2_000, 200, 256];
const facts = network({ skus: SKUS, nodes: NODES });
const engine = engineWith(facts);
const world = readWorld(facts);
const items = Array.from({ length: ITEMS }, (_, place) => sku((place * 7) % SKUS));

const ours = (item) => engine.availableByNode({ sku: item, now: NOW });

/** As one would write it: for each node what it has of the item and nobody has claimed. */
function theirs(item) {
  const held = world.stock.get(item);
  const nodes = [...world.nodes.keys()];
  const available = nodes.map((node) => {
    const position = held.get(node);
    return position === undefined ? 0 : Math.max(0, position.onHand - position.reserved);
  });
  return { nodes, available };
}

for (const item of items) {
  const { nodes, available } = ours(item);
  assert.deepEqual({ nodes: [...nodes], available: [...available] }, theirs(item));
}
let at = 0;
const next = () => items[at++ % ITEMS];
compare("availability_200_nodes", () => ours(next()), () => theirs(next()));
