// A small shop: what the tests post, as any program would.
export const NOW = Date.UTC(2026, 3, 1, 9);
const HOUR = 3_600_000;

/** Master data of two stores, a warehouse and two items, and what is on their shelves. */
export function facts() {
  let id = 0;
  const fact = (kind, rest) => ({ source: "setup", id: ++id, kind, occurred: NOW - 2 * HOUR, ...rest });
  const list = [];
  for (const sku of ["TEA-250", "HONEY"]) list.push(fact("item_change", { terms: { item: { sku, unit: "each" } } }));
  for (const [node, type] of [["store-1", "store"], ["store-2", "store"], ["depot", "warehouse"]]) {
    const handlingMs = type === "store" ? HOUR : 4 * HOUR;
    list.push(fact("node_change", { terms: { node: { node, type, onLine: true, ships: true, picksUp: type === "store", handlingMs } } }));
    const lane = { node, zone: "north", method: "standard", open: true, transitMs: 24 * HOUR, parcelCost: type === "store" ? 600 : 400, unitCost: 10 };
    list.push(fact("lane_change", { terms: { lane } }));
  }
  for (const [node, sku, quantity] of [["store-1", "TEA-250", 7], ["store-2", "HONEY", 4], ["depot", "TEA-250", 20]]) {
    list.push(fact("opening", { node, lines: [{ sku, quantity }] }));
  }
  return list;
}

/** A day at the tills: plain facts, a count and facts of several lines among each other. */
export function day(count = 300) {
  return Array.from({ length: count }, (_, at) => {
    const base = { source: `till-${at % 3}`, id: 1 + Math.floor(at / 3), occurred: NOW - HOUR + at, node: at % 2 === 0 ? "store-1" : "store-2" };
    if (at % 50 === 49) return { ...base, kind: "count", lines: [{ sku: "TEA-250", quantity: 3 }] };
    if (at % 7 === 6) return { ...base, kind: "sell", lines: [{ sku: "TEA-250", quantity: 1 }, { sku: "HONEY", quantity: 1 }] };
    return { ...base, kind: at % 5 === 4 ? "receipt" : "sell", lines: [{ sku: at % 4 === 0 ? "HONEY" : "TEA-250", quantity: 1 + (at % 3) }] };
  });
}

/** The same in another order, the same one each time. */
export function shuffled(list) {
  const copy = [...list];
  let state = 7;
  for (let at = copy.length - 1; at > 0; at--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const other = state % (at + 1);
    [copy[at], copy[other]] = [copy[other], copy[at]];
  }
  return copy;
}
