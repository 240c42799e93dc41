/**
 * What this device keeps: its journal of numbered facts, a snapshot of its book, and the work that is under way. All of it is in
 * IndexedDB, so that closing the page loses nothing. A fact is kept before it is told to the book; told again after a restart it
 * changes nothing, for it has its number.
 */
import { createEngine, restore } from "./onhand.js";

/** Facts after which the book is kept anew, so that a start need not tell them all. */
const SNAPSHOT_EVERY = 16;
const NAME = "onhand-handheld";

/** @typedef {Record<string, any>} Fact An event without its source and id. */
/** @typedef {{ code: string, message: string, again?: number, aside?: { who: string, when: number } }} TurnedAway Why, and what was done about it. */

export class Device {
  /** @type {import("onhand/floor").Engine} */ engine;
  /** The retailer's data: node, people, places, items, orders and counts. */
  store;
  /** What the facts of this device are numbered under. @type {string} */ source;
  /** Work that is under way: by its address, as plain data. @type {Record<string, any>} */ work = {};
  /** @type {string} */ who;
  /** What the book turned away, by the number of the fact: the journal keeps that, and it is no part of the book. @type {Record<number, TurnedAway>} */
  turnedAway = {};
  #database;
  /** Called when something was kept: there is room on the device. */
  onKept = () => {};
  /** Milliseconds by which the clock of the device was behind when the page was opened: somebody has set it back. */
  behind = 0;
  #next = 1;
  #sinceSnapshot = 0;
  #latest = 0;

  /** Opens what was kept, or begins. */
  static async open() {
    const device = new Device();
    const response = await fetch("data/store.json");
    if (!response.ok) throw new Error(`the data of the store answered with ${response.status}`);
    device.store = await response.json();
    await onlyHere();
    device.#database = await database();
    const [source, work, who, kept, turnedAway] = await Promise.all(["source", "work", "who", "snapshot", "turnedAway"].map((key) => device.#get(key)));
    const facts = await asked(device.#store("facts").getAll());
    device.work = work ?? {};
    device.who = who ?? device.store.people[0].name;
    device.turnedAway = turnedAway ?? {};
    device.source = source ?? `handheld-${[...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    device.#next = (facts.at(-1)?.id ?? 0) + 1;
    const finished = Object.values(device.work).flatMap(({ marks = [] }) => marks.map((mark) => mark.finished ?? 0));
    device.#latest = [...facts.map(({ recorded }) => recorded), ...finished].reduce((one, other) => Math.max(one, other), 0);
    device.behind = Math.max(0, device.#latest - Date.now());
    device.engine = await device.#bookOf(facts, kept);
    if (source === undefined) await device.#begin();
    // Facts that nobody has yet are not what a browser may clear when it wants room.
    navigator.storage?.persist?.().catch(() => {});
    return device;
  }

  /**
   * The present, later than every moment that this device gave before: what comes after a count is not to be from before it, whatever somebody
   * did to the clock.
   */
  now() {
    this.#latest = Math.max(Date.now(), this.#latest + 1);
    return this.#latest;
  }

  /** The book that all facts make: a snapshot spares telling them all, where it can be read. A new version may know another form of it. */
  async #bookOf(facts, kept) {
    if (kept !== undefined) {
      const since = facts.filter(({ id }) => id > kept.through);
      this.#sinceSnapshot = since.length;
      try {
        let outcome;
        const engine = await restore(kept.bytes, since, (heard) => { outcome = heard; });
        await this.#note(outcome, since);
        return engine;
      } catch (error) {
        if (error.code !== "invalid_snapshot") throw error;
      }
    }
    const engine = await createEngine();
    await this.#note(engine.applyAll(facts), facts);
    // The next fact brings a new one.
    this.#sinceSnapshot = facts.length;
    return engine;
  }

  /** The facts of a new device: what the retailer's systems would send it. */
  async #begin() {
    await this.#put("source", this.source);
    const { node, title, items, places, stock, orders } = this.store;
    const now = this.now();
    const occurred = now - 86_400_000;
    await this.tell([
      { kind: "node_change", occurred, terms: { node: { node, type: "store", title, onLine: true, ships: false, picksUp: true } } },
      ...items.map(({ sku, title }) => ({ kind: "item_change", occurred, terms: { item: { sku, unit: "each", title } } })),
      { kind: "opening", occurred, node, lines: stock.map(([sku, quantity]) => ({ sku, quantity, place: places[0].name })) },
      ...orders.map(({ supply, dueInHours, items }) => ({
        kind: "supply_change", occurred, node, subject: supply, due: now + dueInHours * 3_600_000, lines: items.map(({ sku, quantity }) => ({ sku, quantity })),
      })),
    ]);
  }

  /**
   * Keeps facts under the next numbers, then posts them. What is kept is kept whole: where it cannot be, the work goes on. Answers how many
   * of them the book turned away.
   *
   * @param {readonly Fact[]} facts
   * @param {string} [address] The work that is done with them.
   * @param {number} [wrong] The number of a fact that was turned away and that the first of these sets right.
   */
  async tell(facts, address, wrong) {
    const numbered = facts.map((fact, at) => ({ source: this.source, id: this.#next + at, recorded: this.now(), ...fact }));
    // What cannot be read is no fact. Kept, it would keep the page from opening ever again.
    for (const fact of numbered) this.engine.decide(fact);
    const kept = this.#database.transaction(["facts", "state"], "readwrite", { durability: "strict" });
    // Added, not put: a number that is given already keeps what it was given for.
    for (const fact of numbered) kept.objectStore("facts").add(fact);
    const { [address ?? ""]: _, ...others } = this.work;
    if (address !== undefined) kept.objectStore("state").put(others, "work");
    const turnedAway = wrong === undefined ? this.turnedAway : { ...this.turnedAway, [wrong]: { ...this.turnedAway[wrong], again: this.#next } };
    if (wrong !== undefined) kept.objectStore("state").put(turnedAway, "turnedAway");
    await finished(kept);
    if (address !== undefined) delete this.work[address];
    this.turnedAway = turnedAway;
    this.#next += numbered.length;
    this.onKept();
    const outcome = this.engine.applyAll(numbered);
    // Before a snapshot, after which it is not told again.
    await this.#note(outcome, numbered);
    this.#sinceSnapshot += numbered.length;
    if (this.#sinceSnapshot >= SNAPSHOT_EVERY) {
      // Without room for it the facts are there all the same; the next ones try again.
      const snapshot = this.#put("snapshot", { bytes: this.engine.snapshot(), through: this.#next - 1 });
      await snapshot.then(() => { this.#sinceSnapshot = 0; }, () => {});
    }
    return outcome.turnedAwayCount;
  }

  /** Keeps which facts were turned away and why; one that is known to be stays as it is. */
  async #note({ turnedAway }, facts) {
    if (turnedAway.length === 0) return;
    const heard = turnedAway.map(({ index, code, message }) => [facts[index].id, { code, message }]);
    this.turnedAway = { ...Object.fromEntries(heard), ...this.turnedAway };
    await this.#put("turnedAway", this.turnedAway);
  }

  /** Facts that were turned away and that nobody has dealt with yet, each with why. */
  async toSetRight() {
    const isOpen = (id) => this.turnedAway[id] !== undefined && this.turnedAway[id].again === undefined && this.turnedAway[id].aside === undefined;
    return (await this.facts()).filter(({ id }) => isOpen(id)).map((fact) => ({ fact, why: this.turnedAway[fact.id] }));
  }

  /** Tells a fact that was turned away anew, with these quantities; the journal keeps both. @param {Fact} fact @param {readonly number[]} quantities */
  setRight({ source, id, recorded, ...fact }, quantities) {
    return this.tell([{ ...fact, lines: fact.lines?.map((line, at) => ({ ...line, quantity: quantities[at] })) }], undefined, id);
  }

  /** Puts a fact that was turned away aside: it stays in the journal, with who did so. @param {Fact} fact */
  async putAside({ id }) {
    const why = { ...this.turnedAway[id], aside: { who: this.who, when: this.now() } };
    await this.#put("turnedAway", { ...this.turnedAway, [id]: why });
    this.turnedAway[id] = why;
  }

  /** Every fact that this device told, in order. */
  facts() {
    return asked(this.#store("facts").getAll());
  }

  /**
   * Keeps work that is under way; undefined when it is done.
   *
   * @param {string} address
   * @param {unknown} work
   */
  async keep(address, work) {
    if (work === undefined) delete this.work[address];
    else this.work[address] = work;
    await this.#put("work", this.work);
  }

  /** @param {string} who */
  async become(who) {
    this.who = who;
    await this.#put("who", who);
  }

  /** The item or pack that a barcode or SKU names. @param {string} code */
  find(code) {
    for (const item of this.store.items) {
      if ([item.gtin, item.sku].includes(code)) return { item, pack: undefined };
      const pack = item.packs.find(({ gtin }) => gtin === code);
      if (pack !== undefined) return { item, pack };
    }
    return undefined;
  }

  /** @param {string} sku */
  item(sku) {
    return this.store.items.find((item) => item.sku === sku);
  }

  /** What of an order is still to come, with the terms that it was agreed on. @param {string} supply */
  order(supply) {
    const order = this.store.orders.find((order) => order.supply === supply);
    if (order === undefined) return undefined;
    const items = order.items.map((agreed) => {
      const { packs, byLot, lifeMs } = this.item(agreed.sku);
      const bucket = this.engine.supply({ sku: agreed.sku, node: this.store.node }).find((bucket) => bucket.supply === supply);
      const { over, under, sku } = agreed;
      const expected = { sku, open: bucket?.open ?? 0, over, under, packs: packs.map(({ pack, units }) => ({ pack, units })), byLot, lifeMs };
      return { expected, received: bucket?.received ?? 0, due: bucket?.due };
    });
    return { ...order, items, open: items.reduce((sum, { expected }) => sum + expected.open, 0) };
  }

  #store(name) {
    return this.#database.transaction(name).objectStore(name);
  }

  #get(key) {
    return asked(this.#store("state").get(key));
  }

  async #put(key, value) {
    const kept = this.#database.transaction("state", "readwrite");
    kept.objectStore("state").put(value, key);
    await finished(kept);
    this.onKept();
  }
}

/** Two pages would give one number twice. The lock is held as long as the page lives; a page that is just closing is waited for. */
async function onlyHere() {
  if (navigator.locks === undefined) return;
  const held = () => new Promise((resolve) => {
    navigator.locks.request(NAME, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {});
    });
  });
  for (let attempt = 0; attempt < 10; attempt++) {
    if (await held()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("another page of this device is open: work there, or close it");
}

function database() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("facts", { keyPath: "id" });
    request.result.createObjectStore("state");
  };
  return asked(request);
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
