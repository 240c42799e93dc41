import { Book, Door } from "./book.js";
import {
  type Closing, type CountProgress, type CountSheet, type Delivery, delivery as readDelivery, type Inspection, progress, sheet as readSheet,
} from "./floor.js";

/** A book for those who handle goods: it also looks at deliveries and counts. */
export class Engine extends Book {
  /**
   * Holds a delivery against its order before it is booked: what is odd, and the receipt to post. Reads and posts nothing.
   *
   * ```ts
   * const { findings, receipt } = engine.inspect({
   *   receipt: { source: "dock", id: 7, kind: "receipt", occurred: now, node: "store-1", lines: [{ sku: "TEA-250", quantity: 12 }] },
   *   order: { supply: "PO-1", items: [{ sku: "TEA-250", open: 144, packs: [{ pack: "case", units: 12 }] }] },
   * });
   * findings[0]; // { line: 0, sku: "TEA-250", oddity: "pack_mistaken", units: 12, limit: 144 }
   * engine.apply(receipt);
   * ```
   */
  inspect(delivery: Delivery): Inspection {
    const [receipt, { numbers, names }] = readDelivery(delivery);
    return this.answer((raw) => raw.inspect(receipt, numbers, names)) as Inspection;
  }

  /**
   * What the marks of a blind count come to. Keep the sheet wherever marks are made: it is plain data, and the same marks always give
   * the same answer. With `close` the answer has the facts to post, with ids from `first` on.
   *
   * ```ts
   * const sheet = { name: "count-7", node: "store-1", items: ["TEA-250"], places: ["shelf"], marks: [
   *   { who: "ada", place: "shelf", sku: "TEA-250", units: 7 },
   *   { who: "ada", place: "shelf", finished: now },
   * ] };
   * engine.applyAll(engine.count(sheet, { source: "pda-4", first: 1 }).counts);
   * ```
   */
  count(sheet: CountSheet, close?: Closing): CountProgress {
    return progress(this.ask(Door.Count, readSheet(sheet, close)) as CountProgress);
  }
}
