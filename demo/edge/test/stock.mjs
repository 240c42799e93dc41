/** A small book, made with the package itself: two stores and a warehouse with tea and honey. */
import { createEngine } from "onhand";

export const NOW = Date.UTC(2026, 3, 1, 9);
const HOUR = 3_600_000;

/** @param {number} [tea] Units of tea at the store in the harbour. */
export async function stock(tea = 7) {
  const engine = await createEngine();
  let id = 0;
  const post = (event) => {
    const outcome = engine.apply({ source: "test", id: ++id, occurred: NOW - HOUR, ...event });
    if (!outcome.ok || outcome.exceptions.length > 0) throw new Error(JSON.stringify({ event, outcome }));
  };
  for (const sku of ["TEA", "HONEY"]) post({ kind: "item_change", terms: { item: { sku, unit: "each" } } });
  for (const [node, type] of [["harbour", "store"], ["market", "store"], ["depot", "warehouse"]]) {
    const handlingMs = type === "store" ? HOUR : 4 * HOUR;
    post({ kind: "node_change", terms: { node: { node, type, onLine: true, ships: true, picksUp: type === "store", handlingMs } } });
    const lane = { node, zone: "north", method: "standard", open: true, transitMs: 24 * HOUR, parcelCost: type === "store" ? 600 : 400, unitCost: 10 };
    post({ kind: "lane_change", terms: { lane } });
  }
  post({ kind: "protection_change", terms: { protection: { sku: "TEA", node: "harbour", quantity: 1 } } });
  const open = (node, sku, quantity) => post({ kind: "opening", node, lines: [{ sku, quantity }] });
  open("harbour", "TEA", tea);
  open("market", "HONEY", 4);
  open("depot", "TEA", 20);
  post({ kind: "reserve", node: "harbour", subject: "order-1", expires: NOW + HOUR, lines: [{ sku: "TEA", quantity: 2 }] });
  return engine;
}
