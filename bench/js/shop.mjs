// A shop to post batches to: items at nodes with stock at each, and random sales and deliveries in every form that there is.
import { random } from "./network.mjs";
import { onhand } from "./onhand.mjs";
import { RECEIPT, ROW_BYTES, SELL, writeRow } from "./rows.mjs";

const START = 1_700_000_000_000;
/** Milliseconds between two events. */
const STEP = 10;
const OPENED = 1_000;
const CHUNK = 100_000;

export class Shop {
  #next = random(7);
  #id = 0;
  #closes = 0;

  constructor({ skus, nodes }) {
    this.skus = Array.from({ length: skus }, (_, place) => `SKU-${String(place).padStart(6, "0")}`);
    this.nodes = Array.from({ length: nodes }, (_, place) => `store-${String(place).padStart(3, "0")}`);
    this.engine = onhand.createEngineSync();
    let id = 0;
    const setup = (kind, terms) => ({ source: "setup", id: ++id, kind, occurred: START, terms });
    const node = (name) => ({ node: name, type: "store", onLine: true, ships: true, picksUp: true });
    this.engine.applyAll(this.skus.map((sku) => setup("item_change", { item: { sku, unit: "each" } })));
    this.engine.applyAll(this.nodes.map((name) => setup("node_change", { node: node(name) })));
    this.numbers = {
      source: this.engine.intern("source", "till"),
      skus: this.skus.map((sku) => this.engine.intern("sku", sku)),
      nodes: this.nodes.map((name) => this.engine.intern("node", name)),
    };
    const places = skus * nodes;
    for (let from = 0; from < places; from += CHUNK) {
      const changes = Array.from({ length: Math.min(CHUNK, places - from) }, (_, at) => this.#change(from + at, OPENED, RECEIPT));
      this.post(this.rows(changes));
    }
    this.close();
  }

  /** Random changes: nine sales of 1 to 3 units for one delivery of 18. */
  changes(count) {
    const places = this.skus.length * this.nodes.length;
    return Array.from({ length: count }, () => {
      const place = Math.floor(this.#next() * places);
      return this.#next() < 0.1 ? this.#change(place, 18, RECEIPT) : this.#change(place, 1 + Math.floor(this.#next() * 3), SELL);
    });
  }

  #change(place, quantity, kind) {
    const id = ++this.#id;
    return { id, occurred: START + id * STEP, sku: Math.floor(place / this.nodes.length), node: place % this.nodes.length, quantity, kind };
  }

  rows(changes) {
    const bytes = new Uint8Array(changes.length * ROW_BYTES);
    const view = new DataView(bytes.buffer);
    const { source, skus, nodes } = this.numbers;
    changes.forEach((change, at) => {
      writeRow(view, at * ROW_BYTES, { ...change, source, sku: skus[change.sku], node: nodes[change.node] });
    });
    return bytes;
  }

  /** The same as events. */
  events(changes) {
    return changes.map(({ id, occurred, sku, node, quantity, kind }) => ({
      source: "till", id, kind: kind === SELL ? "sell" : "receipt", occurred, node: this.nodes[node],
      lines: [{ sku: this.skus[sku], quantity }],
    }));
  }

  post(rows) {
    this.posted(this.engine.applyRows(rows), rows.byteLength / ROW_BYTES);
  }

  posted(outcome, count) {
    if (outcome.posted !== count) throw new Error(`not all was posted: ${JSON.stringify(outcome)}`);
  }

  /** Closes the books through the last event, so that no more is kept than a shop would keep. */
  close() {
    const due = START + this.#id * STEP;
    for (const node of this.nodes) {
      const close = { source: "office", id: ++this.#closes, kind: "period_close", occurred: due + 1, node, due };
      if (!this.engine.apply(close).ok) throw new Error("a close was turned away");
    }
  }
}

/** Stock as one would keep it in JavaScript: a Map of Maps of objects. */
export class Maps {
  constructor({ skus, nodes }) {
    this.stock = new Map(skus.map((sku) => [sku, new Map(nodes.map((node) => [node, { onHand: OPENED, reserved: 0 }]))]));
  }

  post(events) {
    for (const { kind, node, lines } of events) {
      for (const { sku, quantity } of lines) {
        const position = this.stock.get(sku).get(node);
        position.onHand += kind === "sell" ? -quantity : quantity;
      }
    }
  }
}
