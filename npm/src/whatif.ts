/** Changes of the view in numbers: the order is that of the binding. */
import type { Change, RequestRefused } from "./types.js";
import { changes as readChanges } from "./asked.js";
import { NameKind, type Names } from "./book.js";
import { NONE } from "./wire.js";

export function encodeChanges(changes: readonly Change[], names: Names): Float64Array | RequestRefused {
  const words: number[] = [];
  for (const change of readChanges(changes, "changes") as readonly Change[]) {
    const row = encodeChange(change, names);
    if (!Array.isArray(row)) return row;
    words.push(...row);
  }
  return new Float64Array(words);
}

function encodeChange(change: Change, names: Names): number[] | RequestRefused {
  const said = Object.values(change)[0] as { readonly sku?: string; readonly node: string };
  const sku = said.sku === undefined ? 0 : names.numberOf(NameKind.Sku, said.sku);
  if (sku === NONE) return { ok: false, code: "unknown_sku", sku: said.sku as string };
  const node = names.numberOf(NameKind.Node, said.node);
  if (node === NONE) return { ok: false, code: "unknown_node", node: said.node };
  if ("stock" in change) return [0, sku, node, change.stock.units, -1, 0];
  if ("supply" in change) return [1, sku, node, change.supply.units, change.supply.due, 0];
  if ("moved" in change) return [2, sku, node, 0, change.moved.due ?? -1, names.numberOf(NameKind.Word, change.moved.supply)];
  if ("onLine" in change) return [3, sku, node, change.onLine.onLine ? 1 : 0, -1, 0];
  return [4, sku, node, 0, -1, 0];
}
