/**
 * The shop: an engine with the retailer's book, the catalogue, and a clock. Every number on the page is an answer of the
 * engine, which runs here in the browser.
 */
import { Catalogue } from "./catalogue.js";
import { formats } from "./format.js";
import { isOnhandError, restore } from "./onhand.js";

/**
 * @typedef {import("onhand").Engine} Engine
 * @typedef {import("onhand").Offer} Offer
 * @typedef {import("onhand").PromiseRequest} PromiseRequest
 * @typedef {import("./catalogue.js").CatalogueFile} CatalogueFile
 */

const MINUTE = 60_000;
/** The retailer's way of choosing: nothing may be left out to save a parcel. */
const POLICY = { shortfallCost: 1_000_000 };

export class Shop {
  #engine;
  #snapshot;
  #opened = performance.now();

  /** @private Use `open`. @param {Engine} engine @param {Uint8Array} snapshot @param {Catalogue} catalogue */
  constructor(engine, snapshot, catalogue) {
    this.#engine = engine;
    this.#snapshot = snapshot;
    this.catalogue = catalogue;
    this.format = formats(catalogue.currency);
    /** Questions that the engine answered, and how long it took in milliseconds. */
    this.asked = { count: 0, millis: 0 };
  }

  /**
   * Loads the catalogue and the book.
   *
   * @param {{ catalogue: string, snapshot: string }} from Where they are.
   */
  static async open(from) {
    const [catalogue, snapshot] = await Promise.all([load(from.catalogue), load(from.snapshot)]);
    const file = /** @type {CatalogueFile} */ (await catalogue.json());
    const bytes = new Uint8Array(await snapshot.arrayBuffer());
    return new Shop(await restore(bytes), bytes, new Catalogue(file));
  }

  /** The shop's own time. It begins at the moment of the snapshot and goes on by whole minutes while the page is open. */
  get now() {
    const open = performance.now() - this.#opened;
    return this.catalogue.now + Math.floor(open / MINUTE) * MINUTE;
  }

  /** The digest of the book. */
  digest() {
    return this.#engine.digest();
  }

  /** The size of the book as it came. */
  get bytes() {
    return this.#snapshot.byteLength;
  }

  /**
   * What is at a node of an item, number by number.
   *
   * @param {string} sku
   * @param {string} node
   */
  available(sku, node) {
    return this.#ask((engine) => engine.available({ sku, node, now: this.now }));
  }

  /**
   * Units of an item at a node that cannot be sold, by why.
   *
   * @param {string} sku
   * @param {string} node
   */
  notForSale(sku, node) {
    const here = this.#ask((engine) => engine.positions(sku)).filter((position) => position.location === node);
    return here.filter((position) => !position.inTransit && position.state !== "sellable" && position.quantity !== 0);
  }

  /**
   * What can be offered, or nothing for an item or a node that the book does not know.
   *
   * @param {Omit<PromiseRequest, "now">} request
   * @returns {Offer | undefined}
   */
  promise(request) {
    const question = { ...request, now: this.now, policy: { ...POLICY, ...request.policy } };
    const answer = this.#ask((engine) => engine.promise(question));
    return answer.ok ? answer : undefined;
  }

  /** The engine is lost after a fault of its own. The bytes of the snapshot are still here and make a new one. */
  async restart() {
    this.#engine = await restore(this.#snapshot);
  }

  /** Breaks the engine on purpose: tests see that the page gets up again. */
  breakEngine() {
    this.#engine.__trap();
  }

  /**
   * @template T
   * @param {(engine: Engine) => T} question
   */
  #ask(question) {
    const started = performance.now();
    const answer = question(this.#engine);
    this.asked.count += 1;
    this.asked.millis += performance.now() - started;
    return answer;
  }
}

/**
 * Whether an error says that the engine is lost, so that a restart helps.
 *
 * @param {unknown} error
 */
export function isLost(error) {
  return isOnhandError(error) && error.code === "engine_lost";
}

/** @param {string} address */
async function load(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answered with status ${response.status}`);
  return response;
}
