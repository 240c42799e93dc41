// Rows of 56 bytes, as a host writes them for `applyRows`: the layout is that of core/src/rows.rs.
import { onhand } from "./onhand.mjs";

export const ROW_BYTES = 56;
export const [RECEIPT, SELL] = ["receipt", "sell"].map((kind) => onhand.KINDS.indexOf(kind));

/** Writes a change of one position at a place of a `DataView`. */
export function writeRow(view, at, { kind, source, id, occurred, sku, node, quantity }) {
  view.setUint32(at, kind | (255 << 8), true);
  view.setUint32(at + 4, source, true);
  view.setBigUint64(at + 8, BigInt(id), true);
  view.setBigInt64(at + 16, BigInt(occurred), true);
  view.setUint32(at + 24, sku, true);
  view.setUint32(at + 28, node, true);
  view.setBigInt64(at + 32, BigInt(quantity), true);
  view.setUint32(at + 40, 0xffff_ffff, true);
  view.setUint32(at + 44, 0xffff_ffff, true);
  view.setBigInt64(at + 48, -(2n ** 63n), true);
}
