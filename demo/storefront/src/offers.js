/** Questions that the views ask, and what to say of the answers. */
import { capital } from "./format.js";

/**
 * @typedef {import("./shop.js").Shop} Shop
 * @typedef {import("./shop.js").Offer} Offer
 * @typedef {import("./catalogue.js").Place} Place
 * @typedef {readonly { sku: string, quantity: number }[]} Lines
 */

/** Ways of delivery, in the order in which they are shown. Which of them there are, the book says. */
const METHODS = ["courier", "express", "standard"];
const METHOD_TITLES = { courier: "Courier from nearby", express: "Express parcel", standard: "Standard parcel" };
/** Fewer than this are worth telling. */
const FEW = 5;

/** @param {string | undefined} method */
export function methodTitle(method) {
  if (method === undefined) return "Pick-up";
  return METHOD_TITLES[/** @type {keyof typeof METHOD_TITLES} */ (method)] ?? capital(method);
}

/** @param {Shop} shop @param {Lines} lines @param {Place} store */
export function pickUp(shop, lines, store) {
  return shop.promise({ lines, to: { pickUp: store.node }, explain: "full" });
}

/**
 * The best plan for each way of delivery that can bring at least a part.
 *
 * @param {Shop} shop
 * @param {Lines} lines
 * @param {string} zone
 */
export function deliveries(shop, lines, zone) {
  return METHODS.flatMap((method) => {
    const offer = shop.promise({ lines, to: { zone }, methods: [method], explain: "full" });
    return offer !== undefined && offer.shipments.length > 0 ? [{ method, offer }] : [];
  });
}

/** @param {Offer} offer */
export function isWhole(offer) {
  return offer.unmet.length === 0;
}

/** Units that an offer holds. @param {Offer} offer */
export function unitsOf(offer) {
  return offer.shipments.reduce((sum, shipment) => sum + shipment.lines.reduce((units, line) => units + line.quantity, 0), 0);
}

/** What the parcels cost. The plan's own cost also has the price of what is missing. @param {Offer} offer */
export function deliveryCost(offer) {
  return offer.shipments.reduce((sum, shipment) => sum + shipment.cost, 0);
}

/** When the last of it is there. @param {Offer} offer */
export function completeBy(offer) {
  return Math.max(...offer.shipments.map((shipment) => shipment.arriveBy));
}

/** Whether some of it has yet to come in. @param {Offer} offer */
export function waitsForSupply(offer) {
  return offer.shipments.some((shipment) => shipment.lines.some((line) => line.supply !== undefined));
}

/**
 * How an item stands at a store: a word for the eye, a sentence, and whether it is ready from stock.
 *
 * @param {Shop} shop
 * @param {string} sku
 * @param {Place} store
 * @param {Offer | undefined} offer For pick-up there.
 * @returns {{ tone: "yes" | "few" | "later" | "no", text: string }}
 */
export function standing(shop, sku, store, offer) {
  if (offer === undefined || offer.shipments.length === 0) return { tone: "no", text: "Not available" };
  if (!isWhole(offer)) return { tone: "later", text: `Only ${unitsOf(offer)} to be had` };
  if (waitsForSupply(offer)) return { tone: "later", text: "On its way to this store" };
  const left = shop.available(sku, store.node)?.available ?? 0;
  return left < FEW ? { tone: "few", text: `Only ${left} left` } : { tone: "yes", text: "In stock" };
}
