/** The reasons behind each number, in plain words. They come with the answers; nothing is worked out anew here. */
import { h } from "./dom.js";
import { counted, listed } from "./format.js";
import { methodTitle } from "./offers.js";
import { explainPassed, plain } from "./onhand.js";

/**
 * @typedef {import("./shop.js").Shop} Shop
 * @typedef {import("./shop.js").Offer} Offer
 * @typedef {Offer["passed"][number]} Passed
 */

/** What is written for a group of nodes that failed the same check. */
const GROUPS = {
  no_stock: "none free",
  no_lane: "no delivery from there to your area",
  not_capable: "do not offer this way",
  off_line: "closed to orders at the moment",
  too_late: "it would arrive too late",
  not_needed: "could send it too, but a plan with them costs at least",
};
const NODES_SHOWN = 8;

/**
 * From what lies there to what can be sold, as a sum.
 *
 * @param {Shop} shop
 * @param {string} sku
 * @param {string} node
 */
export function whyStock(shop, sku, node) {
  const stock = shop.available(sku, node);
  if (stock === undefined) return h("p", {}, "The book does not know this item here.");
  const { number } = shop.format;
  const aside = shop.notForSale(sku, node).map((position) => [position.state.replaceAll("_", " "), -position.quantity]);
  /** @type {[string, number][]} */
  const rows = [
    ["On hand", stock.onHand],
    .../** @type {[string, number][]} */ (aside.map(([state, units]) => [`Not for sale: ${state}`, units])),
    ["Promised to other orders", -stock.claimed],
    ["Kept on the shelf", -stock.protected],
  ];
  const sum = stock.sellable - stock.claimed - stock.protected;
  const signed = (/** @type {number} */ units) => (units < 0 ? `−${number(-units)}` : number(units === 0 ? 0 : units));
  // Its sign stands before a number, also where a page is read from right to left.
  const digits = (/** @type {number} */ units) => h("td", {}, h("bdi", { dir: "ltr" }, signed(units)));
  return h(
    "table",
    { class: "sum" },
    h("caption", {}, `${shop.catalogue.title(node)}, by the book`),
    h("tbody", {}, rows.map(([name, units]) => h("tr", {}, h("th", { scope: "row" }, name), digits(units)))),
    h(
      "tfoot",
      {},
      h("tr", {}, h("th", { scope: "row" }, "Can be sold now"), digits(stock.available)),
      sum < 0 && h("tr", {}, h("td", { colspan: "2" }, `The sum is ${signed(sum)}: what comes in next fills that first.`)),
    ),
  );
}

/**
 * What decides the moment and the amount of an offer.
 *
 * @param {Shop} shop
 * @param {Offer} offer
 */
export function whatBinds(shop, offer) {
  const { when } = shop.format;
  const moments = offer.shipments.map((shipment) => {
    const from = shop.catalogue.title(shipment.node);
    const supplies = [...new Set(shipment.lines.flatMap((line) => (line.supply === undefined ? [] : [line.supply])))];
    const source = supplies.length === 0
      ? "the units are on hand, so only the handling takes time"
      : `the moment that decides is the arrival of ${listed(supplies)}, plus the handling`;
    const ready = shipment.method === undefined ? "ready" : "leaves";
    const arrives = shipment.method === undefined ? "" : `, there by ${when(shipment.arriveBy, shop.now)} (${methodTitle(shipment.method).toLowerCase()})`;
    return h("li", {}, `${from}: ${ready} by ${when(shipment.releaseBy, shop.now)}${arrives}; ${source}.`);
  });
  const missing = offer.unmet.map((line) => {
    const title = shop.catalogue.itemBySku.get(line.sku)?.title ?? line.sku;
    const first = line.earliest === undefined ? "" : `, the first by ${when(line.earliest, shop.now)}`;
    return h("li", {}, `${title}: ${counted(line.quantity, "unit")} cannot be had; ${line.available} in reach${first}.`);
  });
  return h("ul", { class: "plain" }, moments, missing);
}

/**
 * How good the plan is, and why not from elsewhere.
 *
 * @param {Shop} shop
 * @param {Offer} offer
 */
export function whyPlan(shop, offer) {
  const { money, number } = shop.format;
  const short = offer.unmet.length > 0 ? ", with the penalty that the shop counts for what is missing" : "";
  const verdict = offer.proven
    ? `Proven: no plan costs less than ${money(offer.bound)}${short}. Found in ${counted(offer.steps, "step")}.`
    : `The best plan found in ${number(offer.steps)} steps costs ${money(offer.cost)}; none can cost less than ${money(offer.bound)}.`;
  // The web shop itself is a node of the book, but no place that anybody would send from.
  const passed = offer.passed.filter(({ node }) => shop.catalogue.placeByNode.has(node));
  return [
    h("p", {}, verdict),
    passed.length > 0 && h("h4", {}, "Why not from elsewhere"),
    h("ul", { class: "plain" }, groups(passed).map(([check, nodes]) => group(shop, check, nodes))),
  ];
}

/**
 * @param {readonly Passed[]} passed
 * @returns {[Passed["check"], Passed[]][]}
 */
function groups(passed) {
  /** @type {Map<Passed["check"], Passed[]>} */
  const byCheck = new Map();
  for (const one of passed) byCheck.set(one.check, [...(byCheck.get(one.check) ?? []), one]);
  // What could have helped is what people wonder about most.
  return [...byCheck].sort(([one], [other]) => Number(other === "not_needed") - Number(one === "not_needed"));
}

/**
 * @param {Shop} shop
 * @param {Passed["check"]} check
 * @param {readonly Passed[]} nodes
 */
function group(shop, check, nodes) {
  const { money, moment } = shop.format;
  const say = { ...plain(), money, time: moment };
  const sentence = (/** @type {Passed} */ one) => explainPassed({ ...one, node: shop.catalogue.title(one.node) }, say);
  if (nodes.length <= 2) return nodes.map((one) => h("li", {}, sentence(one)));
  if (check === "not_needed") {
    const cheapest = [...nodes].sort((one, other) => one.number - other.number);
    const shown = cheapest.slice(0, NODES_SHOWN).map((one) => `${shop.catalogue.title(one.node)} ${money(one.number)}`);
    return h("li", {}, `${counted(nodes.length, "other place")} ${GROUPS[check]}: ${shown.join(", ")}${more(nodes)}.`);
  }
  const names = nodes.slice(0, NODES_SHOWN).map((one) => shop.catalogue.title(one.node)).join(", ");
  return h("li", {}, `${counted(nodes.length, "place")}: ${GROUPS[/** @type {keyof typeof GROUPS} */ (check)] ?? check} (${names}${more(nodes)}).`);
}

/** @param {readonly Passed[]} nodes */
function more(nodes) {
  return nodes.length > NODES_SHOWN ? ` and ${nodes.length - NODES_SHOWN} more` : "";
}
