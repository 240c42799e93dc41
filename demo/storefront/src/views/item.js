/** One item: pick-up at the stores and delivery, each with its reasons. */
import { art } from "../art.js";
import { disclosure, fill, h } from "../dom.js";
import { counted } from "../format.js";
import { completeBy, deliveries, deliveryCost, isWhole, methodTitle, pickUp, standing, unitsOf } from "../offers.js";
import { whatBinds, whyPlan, whyStock } from "../why.js";
import { quantityField } from "./quantity.js";

/**
 * @typedef {import("../main.js").Visit} Visit
 * @typedef {import("../catalogue.js").Item} Item
 * @typedef {import("../catalogue.js").Place} Place
 */

const STORES_AT_FIRST = 5;

/** @param {Visit} visit @param {Item} item */
export function itemView(visit, item) {
  const { shop, cart } = visit;
  const offers = h("div", { class: "offers" });
  let quantity = 1;
  let storesShown = STORES_AT_FIRST;
  const update = () => {
    const more = () => {
      storesShown = shop.catalogue.stores.length;
      update();
      // The button is gone; the first of the new rows is where one was.
      offers.querySelectorAll("#pick-up > li summary")[STORES_AT_FIRST]?.focus();
      visit.say(`All ${storesShown} stores are shown`);
    };
    fill(offers, deliveryPanel(visit, item, quantity), pickUpPanel(visit, item, quantity, storesShown, more));
    visit.refresh();
  };
  const field = quantityField({ label: "Quantity", value: 1, change: (units) => {
    quantity = units;
    update();
    visit.say(`Offers for ${counted(units, "unit")}`);
  } });
  const add = h("button", { class: "primary", type: "button", click: () => {
    cart.add(item.sku, quantity);
    visit.refresh();
    visit.say(`${item.title}, ${quantity}: added. The cart has ${counted(cart.units, "unit")}`);
  } }, "Add to cart");
  const view = h(
    "div",
    {},
    h("nav", { "aria-label": "You are here", class: "crumbs" }, h("a", { href: "#/" }, "All goods"), " / ", h("a", { href: `#/department/${encodeURIComponent(item.department)}` }, item.department)),
    h(
      "div",
      { class: "item" },
      h(
        "section",
        { class: "item-head", "aria-label": "The item" },
        art(item),
        h("div", {}, h("h1", {}, item.title), h("p", { class: "price large" }, shop.format.money(item.price)), h("p", { class: "muted" }, `Item ${item.sku}`), h("div", { class: "buy" }, field, add)),
      ),
      offers,
    ),
  );
  update();
  return { view, title: item.title, said: "" };
}

/** @param {Visit} visit @param {Item} item @param {number} quantity */
function deliveryPanel({ shop, home }, item, quantity) {
  const lines = [{ sku: item.sku, quantity }];
  const ways = home.zone === undefined ? [] : deliveries(shop, lines, home.zone);
  const row = ({ method, offer }) => h(
    "li",
    { class: "offer", "data-method": method },
    h("div", { class: "offer-main" }, h("h3", {}, methodTitle(method)), h("p", { class: "offer-when" }, `By ${shop.format.when(completeBy(offer), shop.now)}`)),
    h("p", { class: "offer-cost" }, shop.format.money(deliveryCost(offer))),
    h("p", { class: `mark ${isWhole(offer) ? "yes" : "later"}` }, isWhole(offer) ? fromWhere(shop, offer) : `Only ${unitsOf(offer)} of ${quantity}`),
    disclosure("Why?", () => [
      whatBinds(shop, offer),
      whyPlan(shop, offer),
      offer.shipments.map((shipment) => whyStock(shop, item.sku, shipment.node)),
    ], `${methodTitle(method)}`),
  );
  return h(
    "section",
    { class: "panel", "aria-labelledby": "delivery-title" },
    h("h2", { id: "delivery-title" }, "Delivery"),
    h("p", { class: "muted" }, `To the area of ${home.title}`),
    ways.length === 0 ? h("p", { class: "empty" }, "Nothing of it can be delivered there at the moment.") : h("ul", { class: "rows" }, ways.map(row)),
  );
}

/** @param {import("../shop.js").Shop} shop @param {import("../shop.js").Offer} offer */
function fromWhere(shop, offer) {
  const places = [...new Set(offer.shipments.map((shipment) => shop.catalogue.title(shipment.node)))];
  return places.length === 1 ? `From ${places[0]}` : `From ${places.length} places`;
}

/** @param {Visit} visit @param {Item} item @param {number} quantity @param {number} shown @param {() => void} more */
function pickUpPanel({ shop, home, chooseStore }, item, quantity, shown, more) {
  const lines = [{ sku: item.sku, quantity }];
  const stores = shop.catalogue.around(home);
  const all = stores.map((store) => ({ store, offer: pickUp(shop, lines, store) }));
  const has = (/** @type {(typeof all)[number]} */ { offer }) => offer !== undefined && isWhole(offer);
  // Nobody looks through stores that have it not for one that has; one's own comes first in any case.
  const rank = (/** @type {(typeof all)[number]} */ one) => (one.store === home ? 0 : has(one) ? 1 : 2);
  const offers = [...all].sort((one, other) => rank(one) - rank(other));
  const having = all.filter(has).length;
  const row = (/** @type {(typeof offers)[number]} */ { store, offer }) => {
    const state = standing(shop, item.sku, store, offer);
    const first = offer?.shipments.at(-1);
    return h(
      "li",
      { class: "offer", "data-node": store.node },
      h("div", { class: "offer-main" }, h("h3", {}, store.title), h("p", { class: "offer-when" }, first ? `Ready by ${shop.format.when(first.arriveBy, shop.now)}` : "Not in the next weeks")),
      h("p", { class: "offer-cost" }, first ? "Free" : ""),
      h("p", { class: `mark ${state.tone}` }, state.text),
      disclosure("Why?", () => [whyStock(shop, item.sku, store.node), offer && whatBinds(shop, offer)], `${store.title}`),
      store === home
        ? h("p", { class: "yours" }, "Your store")
        : h("button", { class: "quiet", type: "button", click: () => chooseStore(store) }, "Make it mine", h("span", { class: "visually-hidden" }, ` ${store.title}`)),
    );
  };
  return h(
    "section",
    { class: "panel", "aria-labelledby": "pick-up-title" },
    h("h2", { id: "pick-up-title" }, "Pick up"),
    h("p", { class: "muted" }, `${having} of ${counted(stores.length, "store")} can have ${quantity === 1 ? "it" : `all ${quantity}`} ready, those of your area first.`),
    h("ul", { class: "rows", id: "pick-up" }, offers.slice(0, shown).map(row)),
    shown < stores.length && h("button", { class: "more", type: "button", click: more }, `Show all ${counted(stores.length, "store")}`),
  );
}
