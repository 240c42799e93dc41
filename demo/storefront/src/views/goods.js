/** All goods: search, departments, and how each item stands at the visitor's store and for delivery. */
import { art } from "../art.js";
import { h } from "../dom.js";
import { counted } from "../format.js";
import { isWhole, pickUp, standing } from "../offers.js";

/** @typedef {import("../main.js").Visit} Visit */

const SHOWN_AT_FIRST = 24;

/**
 * @param {Visit} visit
 * @param {{ words: string, department?: string }} wanted
 */
export function goods(visit, wanted) {
  const { shop } = visit;
  const found = shop.catalogue.search(wanted.words, wanted.department);
  const list = h("ul", { class: "goods" });
  const rest = found.slice();
  const show = (/** @type {number} */ count) => {
    const cards = rest.splice(0, count).map((item) => card(visit, item));
    list.append(...cards);
    more.hidden = rest.length === 0;
    more.textContent = `Show ${counted(Math.min(rest.length, SHOWN_AT_FIRST), "more", "more")}`;
    return cards[0];
  };
  const more = h("button", { class: "more", type: "button", click: () => show(SHOWN_AT_FIRST)?.querySelector("a")?.focus() });
  show(SHOWN_AT_FIRST);
  const title = wanted.words ? `“${wanted.words}”` : wanted.department ?? "All goods";
  const view = h(
    "div",
    {},
    departments(visit, wanted),
    h("div", { class: "head" }, h("h1", {}, title), h("p", { class: "muted", id: "found" }, counted(found.length, "item"))),
    found.length > 0 && h("p", { class: "lead" }, `What stands on the shelves of ${visit.home.title} now, and when it can be with you.`),
    found.length === 0 && h("p", { class: "empty" }, wanted.words ? "Nothing has all of these words. Try fewer, or " : "There is no such department. You may ", h("a", { href: "#/" }, "look at all goods"), "."),
    list,
    more,
  );
  return { view, title, said: `${counted(found.length, "item")} found` };
}

/** @param {Visit} visit @param {{ words: string, department?: string }} wanted */
function departments({ shop }, wanted) {
  const link = (/** @type {string | undefined} */ department) => {
    const here = !wanted.words && wanted.department === department;
    const href = department === undefined ? "#/" : `#/department/${encodeURIComponent(department)}`;
    return h("li", {}, h("a", { href, "aria-current": here && "page" }, department ?? "All"));
  };
  // What has the focus is seen whole; browsers are content with a part of it.
  const focusin = (/** @type {FocusEvent} */ { target }) => /** @type {Element} */ (target).scrollIntoView({ block: "nearest", inline: "nearest" });
  return h("nav", { "aria-label": "Departments", class: "departments" }, h("ul", { focusin }, link(undefined), shop.catalogue.departments.map(link)));
}

/** @param {Visit} visit @param {import("../catalogue.js").Item} item */
function card({ shop, home }, item) {
  const lines = [{ sku: item.sku, quantity: 1 }];
  const here = standing(shop, item.sku, home, pickUp(shop, lines, home));
  const delivery = home.zone === undefined ? undefined : shop.promise({ lines, to: { zone: home.zone } });
  const delivered = delivery !== undefined && isWhole(delivery);
  return h(
    "li",
    { class: "card" },
    art(item),
    h(
      "div",
      { class: "card-words" },
      h("p", { class: "kind" }, item.department),
      h("h2", {}, h("a", { href: `#/item/${encodeURIComponent(item.sku)}` }, item.title)),
      h("p", { class: "price" }, shop.format.money(item.price)),
      h("p", { class: `mark ${here.tone}` }, here.tone === "no" ? "Not at your store" : here.text),
      h("p", { class: `mark ${delivered ? "yes" : "no"}` }, delivered ? `Delivery ${shop.format.day(delivery.shipments[0]?.arriveBy ?? 0, shop.now)}` : "No delivery"),
    ),
  );
}
