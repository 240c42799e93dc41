/** The cart and its plan: which parcels, from where, by when, at what cost, and whether that is the best there is. */
import { art } from "../art.js";
import { disclosure, fill, h } from "../dom.js";
import { counted } from "../format.js";
import { completeBy, deliveryCost, methodTitle } from "../offers.js";
import { whatBinds, whyPlan } from "../why.js";
import { quantityField } from "./quantity.js";

/**
 * @typedef {import("../main.js").Visit} Visit
 * @typedef {import("../shop.js").Offer} Offer
 * @typedef {{ way: "delivery" | "pick-up", atOnce: boolean, day: keyof typeof DAYS }} Wish
 */

const DAY = 86_400_000;
/** By when it may come, in days from the shop's own: any is in time where there is no number. */
const DAYS = {
  any: { title: "whenever it costs least", days: undefined },
  tomorrow: { title: "tomorrow at the latest", days: 1 },
  today: { title: "today", days: 0 },
};

/** What the visitor chose last holds as long as the page is open. @type {Wish} */
const wish = { way: "delivery", atOnce: false, day: "any" };

/** @param {Visit} visit */
export function cartView(visit) {
  const { cart } = visit;
  const gone = cart.gone > 0 && h("p", { class: "gone" }, `${counted(cart.gone, "item")} of your cart ${cart.gone === 1 ? "is" : "are"} no longer sold here, and not in it any more.`);
  const view = h("div", {}, h("h1", {}, "Cart"), gone);
  if (cart.lines.length === 0) {
    view.append(h("p", { class: "empty" }, "Nothing in it yet. ", h("a", { href: "#/" }, "Look at the goods"), "."));
    return { view, title: "Cart", said: "The cart is empty" };
  }
  const plan = h("section", { class: "panel plan", "aria-labelledby": "plan-title" });
  const update = (/** @type {boolean} */ aloud) => {
    const offer = planOf(visit);
    fill(plan, h("h2", { id: "plan-title" }, "The plan"), offer ? planRows(visit, offer) : h("p", { class: "empty" }, "This cart cannot be planned."));
    visit.refresh();
    if (aloud && offer) visit.say(summary(visit, offer));
  };
  view.append(h("div", { class: "cart" }, lineList(visit, update), h("div", {}, wishes(visit, update), plan)));
  update(false);
  return { view, title: "Cart", said: "" };
}

/** @param {Visit} visit */
function planOf({ shop, cart, home }) {
  const lines = cart.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  const to = wish.way === "pick-up" ? { pickUp: home.node } : { zone: home.zone ?? "" };
  const { days } = DAYS[wish.day];
  const neededBy = days === undefined ? undefined : (Math.floor(shop.now / DAY) + days + 1) * DAY - 1;
  return shop.promise({ lines, to, neededBy, explain: "full", policy: wish.atOnce ? { nodesMax: 1, consolidate: true } : {} });
}

/** @param {Visit} visit @param {(aloud: boolean) => void} update */
function lineList(visit, update) {
  const { shop, cart } = visit;
  const rows = cart.lines.map(({ sku, quantity }) => {
    const item = shop.catalogue.itemBySku.get(sku);
    const title = item?.title ?? sku;
    const sum = h("p", { class: "price" }, shop.format.money((item?.price ?? 0) * quantity));
    const field = quantityField({ label: `Quantity of ${title}`, value: quantity, change: (units) => {
      cart.set(sku, units);
      fill(sum, shop.format.money((item?.price ?? 0) * units));
      update(true);
    } });
    const remove = h("button", { class: "quiet", type: "button", click: () => {
      cart.set(sku, 0);
      visit.show();
      visit.say(`${title} is out of the cart`);
    } }, "Remove", h("span", { class: "visually-hidden" }, ` ${title}`));
    return h(
      "li",
      { class: "cart-line" },
      art(item),
      h("h3", {}, h("a", { href: `#/item/${encodeURIComponent(sku)}` }, title)),
      sum,
      h("div", { class: "buy" }, field, remove),
    );
  });
  return h("section", { "aria-labelledby": "lines-title", class: "panel" }, h("h2", { id: "lines-title" }, "Your goods"), h("ul", { class: "rows" }, rows));
}

/** @param {Visit} visit @param {(aloud: boolean) => void} update */
function wishes({ home }, update) {
  const choice = (/** @type {Wish["way"]} */ way, /** @type {string} */ label, /** @type {string} */ detail) => {
    const choose = () => {
      wish.way = way;
      fill(once, onceTitle());
      update(true);
    };
    return h("label", { class: "choice" }, h("input", { type: "radio", name: "way", value: way, checked: wish.way === way, change: choose }), h("span", {}, h("b", {}, label), " ", h("span", { class: "muted" }, detail)));
  };
  const box = h("input", { type: "checkbox", checked: wish.atOnce, change: () => {
    wish.atOnce = box.checked;
    update(true);
  } });
  const onceTitle = () => (wish.way === "pick-up" ? "All at one visit" : "Only one parcel");
  const once = h("span", {}, onceTitle());
  const days = h(
    "select",
    { id: "day", change: () => {
      wish.day = /** @type {Wish["day"]} */ (days.value);
      update(true);
    } },
    Object.entries(DAYS).map(([day, { title }]) => h("option", { value: day, selected: day === wish.day }, title)),
  );
  return h(
    "fieldset",
    { class: "panel wishes" },
    h("legend", {}, "How would you like it?"),
    choice("delivery", "Delivery", `to the area of ${home.title}`),
    choice("pick-up", "Pick up", `at ${home.title}`),
    h("div", { class: "choice" }, h("label", { for: "day" }, "When"), days),
    h("label", { class: "choice" }, box, once),
  );
}

/** @param {Visit} visit @param {Offer} offer */
function planRows(visit, offer) {
  const { shop, cart } = visit;
  const { money, when } = shop.format;
  const titleOf = (/** @type {string} */ sku) => shop.catalogue.itemBySku.get(sku)?.title ?? sku;
  const missing = new Map(offer.unmet.map((line) => [line.sku, line.quantity]));
  const goods = cart.lines.reduce((sum, { sku, quantity }) => sum + (shop.catalogue.itemBySku.get(sku)?.price ?? 0) * (quantity - (missing.get(sku) ?? 0)), 0);
  const shipment = (/** @type {Offer["shipments"][number]} */ one, /** @type {number} */ at) => h(
    "li",
    { class: "parcel", "data-node": one.node },
    h("h3", {}, one.method === undefined ? "Hand-over" : `Parcel ${at + 1}`, h("span", { class: "muted" }, ` from ${shop.catalogue.title(one.node)}`)),
    h("p", { class: "offer-when" }, one.method === undefined ? `Ready by ${when(one.releaseBy, shop.now)}` : `${methodTitle(one.method)}, by ${when(one.arriveBy, shop.now)}`),
    h("p", { class: "offer-cost" }, one.cost === 0 ? "Free" : money(one.cost)),
    h("ul", { class: "contents" }, one.lines.map((line) => h("li", {}, `${line.quantity} × ${titleOf(line.sku)}`, line.supply !== undefined && h("span", { class: "muted" }, ` (arrives with ${line.supply})`)))),
  );
  return [
    h("p", { class: `verdict ${offer.unmet.length > 0 ? "later" : "yes"}` }, summary(visit, offer)),
    h("ol", { class: "parcels" }, offer.shipments.map(shipment)),
    offer.unmet.length > 0 && h("ul", { class: "unmet" }, offer.unmet.map((line) => h("li", {}, `Not to be had: ${line.quantity} × ${titleOf(line.sku)} (${line.available} in reach)`))),
    h(
      "dl",
      { class: "totals" },
      h("div", {}, h("dt", {}, "Goods"), h("dd", {}, money(goods))),
      h("div", {}, h("dt", {}, wish.way === "pick-up" ? "Pick-up" : "Delivery"), h("dd", { id: "plan-cost" }, money(deliveryCost(offer)))),
      h("div", { class: "total" }, h("dt", {}, "Total"), h("dd", {}, money(goods + deliveryCost(offer)))),
    ),
    h("p", { class: `mark ${offer.proven ? "yes" : "later"}`, id: "proven" }, offer.proven ? "Proven: no plan is cheaper" : "The best plan found in time"),
    disclosure("Why this plan?", () => [whatBinds(shop, offer), whyPlan(shop, offer)]),
  ];
}

/** @param {Visit} visit @param {Offer} offer */
function summary({ shop }, offer) {
  if (offer.shipments.length === 0) return "Nothing of it can be had this way.";
  const parcels = wish.way === "pick-up" ? "Ready for you" : `${counted(offer.shipments.length, "parcel")}, complete`;
  const by = shop.format.when(completeBy(offer), shop.now);
  const short = offer.unmet.length > 0 ? `; ${counted(offer.unmet.length, "item")} not in full` : "";
  return `${parcels} by ${by}${short}`;
}
