/** What the visitor means to buy, kept in the browser's own storage. */

const KEY = "onhand-storefront-cart";
/** The most of one item. */
export const UNITS_MAX = 99;
const LINES_MAX = 64;

/** @typedef {{ sku: string, quantity: number }} CartLine */

export class Cart {
  #lines;
  #gone = 0;
  #isKnown;
  /** Whether the browser kept what is here; where it could not, nobody else has it. */
  #isKept = true;

  /** @param {(sku: string) => boolean} isKnown What is no longer sold drops out. */
  constructor(isKnown) {
    this.#isKnown = isKnown;
    this.#lines = this.#kept();
  }

  /** Reads again what is kept, as another page of the shop may have changed it. Where nothing is kept, what is here stands. */
  read() {
    if (this.#isKept && kept(KEY) !== null) this.#lines = this.#kept();
  }

  /** @returns {readonly CartLine[]} */
  get lines() {
    return this.#lines;
  }

  /** How many items of the kept cart the shop no longer has: they are in it until it changes. */
  get gone() {
    return this.#gone;
  }

  get units() {
    return this.#lines.reduce((sum, line) => sum + line.quantity, 0);
  }

  /** @param {string} sku @param {number} quantity */
  add(sku, quantity) {
    this.read();
    const held = this.#lines.find((line) => line.sku === sku)?.quantity ?? 0;
    this.set(sku, held + quantity);
  }

  /** @param {string} sku @param {number} quantity Nothing of it takes the line out. */
  set(sku, quantity) {
    this.read();
    const units = Math.min(Math.max(Math.trunc(quantity) || 0, 0), UNITS_MAX);
    const place = this.#lines.findIndex((line) => line.sku === sku);
    if (place < 0 && units > 0 && this.#lines.length < LINES_MAX) this.#lines.push({ sku, quantity: units });
    else if (place >= 0 && units > 0) this.#lines[place] = { sku, quantity: units };
    else if (place >= 0) this.#lines.splice(place, 1);
    this.#gone = 0;
    this.#isKept = keep(KEY, JSON.stringify(this.#lines));
  }

  /** @returns {CartLine[]} */
  #kept() {
    try {
      const lines = /** @type {unknown} */ (JSON.parse(kept(KEY) ?? "[]"));
      if (!Array.isArray(lines)) return [];
      this.#gone = lines.filter((line) => typeof line?.sku === "string" && !this.#isKnown(line.sku)).length;
      const isLine = (/** @type {CartLine} */ line) =>
        this.#isKnown(line?.sku) && Number.isInteger(line.quantity) && line.quantity > 0 && line.quantity <= UNITS_MAX;
      return lines.filter(isLine).slice(0, LINES_MAX).map(({ sku, quantity }) => ({ sku, quantity }));
    } catch {
      return [];
    }
  }
}

/**
 * What the browser keeps under a key. Storage may be switched off; then the shop forgets, and works.
 *
 * @param {string} key
 */
export function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/**
 * Keeps a value under a key, and says whether it is kept: the visit goes on without it.
 *
 * @param {string} key
 * @param {string} value
 */
export function keep(key, value) {
  try {
    localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}
