/** The retailer's catalogue: items, stores and zones by name, search, and which stores are around. */

/**
 * @typedef {{ sku: string, title: string, department: string, price: number, unit: string }} Item
 * @typedef {{ node: string, title: string, type: string, zone?: string }} Place
 * @typedef {{ now: number, currency: string, digest: string, items: Item[], nodes: Place[] }} CatalogueFile
 */

export class Catalogue {
  /** @param {CatalogueFile} file */
  constructor(file) {
    this.now = file.now;
    this.currency = file.currency;
    this.digest = file.digest;
    /** The best sellers first, as the retailer gives them. @type {readonly Item[]} */
    this.items = file.items;
    /** @type {readonly Place[]} */
    this.stores = file.nodes.filter((node) => node.type === "store");
    this.departments = [...new Set(this.items.map((item) => item.department))].sort();
    /** @type {Map<string, Item>} */
    this.itemBySku = new Map(this.items.map((item) => [item.sku, item]));
    /** @type {Map<string, Place>} */
    this.placeByNode = new Map(file.nodes.map((node) => [node.node, node]));
    this.words = new Map(this.items.map((item) => [item, folded(`${item.title} ${item.department} ${item.sku}`)]));
  }

  /**
   * The title of a node, or its name if the catalogue has none.
   *
   * @param {string} node
   */
  title(node) {
    return this.placeByNode.get(node)?.title ?? node;
  }

  /**
   * Items that have every word in their title, department or number.
   *
   * @param {string} text
   * @param {string} [department]
   */
  search(text, department) {
    const words = folded(text).split(" ").filter(Boolean);
    return this.items.filter((item) => {
      const held = this.words.get(item) ?? "";
      return (!department || item.department === department) && words.every((word) => held.includes(word));
    });
  }

  /**
   * All stores: first one of them, then those of its area, then the others.
   *
   * @param {Place} home
   */
  around(home) {
    const rank = (/** @type {Place} */ store) => (store === home ? 0 : store.zone === home.zone ? 1 : 2);
    return [...this.stores].sort((one, other) => rank(one) - rank(other));
  }
}

/**
 * Lower case, without accents and signs.
 *
 * @param {string} text
 */
function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
