/** Opens the shop, follows the address, and keeps the frame of the page: search, store, cart, what was asked. */
import { Cart, keep, kept } from "./cart.js";
import { byId, fill, h } from "./dom.js";
import { counted } from "./format.js";
import { isLost, Shop } from "./shop.js";
import { cartView } from "./views/cart.js";
import { goods } from "./views/goods.js";
import { itemView } from "./views/item.js";

/**
 * What views know and can do.
 *
 * @typedef {object} Visit
 * @property {Shop} shop
 * @property {Cart} cart
 * @property {import("./catalogue.js").Place} home The visitor's store.
 * @property {(store: import("./catalogue.js").Place) => void} chooseStore
 * @property {(text: string) => void} say Tells those who listen to the page.
 * @property {() => void} refresh Brings the frame up to date.
 * @property {() => void} show Shows the view anew.
 */

const STORE_KEY = "onhand-storefront-store";
const SOURCES = { catalogue: "/data/catalogue.json", snapshot: "/data/snapshot.bin" };

/** What was promised so long ago is asked again when somebody comes back to it. */
const STALE_MS = 15 * 60_000;

const main = byId("main");
const words = /** @type {HTMLInputElement} */ (byId("words"));
const storeSelect = /** @type {HTMLSelectElement} */ (byId("store"));

/** The shop's time when the view was shown. */
let shown = 0;

/** The shop that is open, for tests and for those who look around with the browser's own tools. @type {Shop | undefined} */
export let shop;

try {
  shop = await Shop.open(SOURCES);
  open(shop);
} catch (error) {
  fail(error);
}

/** @param {Shop} shop */
function open(shop) {
  const stores = shop.catalogue.stores;
  const first = stores[0];
  if (first === undefined) throw new Error("the catalogue has no store");
  /** @type {Visit} */
  const visit = {
    shop,
    cart: new Cart((sku) => shop.catalogue.itemBySku.has(sku)),
    home: stores.find((store) => store.node === kept(STORE_KEY)) ?? first,
    chooseStore(store) {
      visit.home = store;
      storeSelect.value = store.node;
      keep(STORE_KEY, store.node);
      show(visit);
      say(`Your store is ${store.title}`);
    },
    say,
    refresh: () => frame(visit),
    show: () => show(visit),
  };
  fillStores(visit);
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    main.querySelector("h1")?.focus();
  });
  words.addEventListener("input", () => {
    history.replaceState(null, "", words.value ? `#/search/${encodeURIComponent(words.value)}` : "#/");
    show(visit);
  });
  addEventListener("hashchange", () => {
    show(visit);
    scrollTo(0, 0);
    // A new view is read from its title on.
    main.querySelector("h1")?.focus({ preventScroll: true });
  });
  // Another page of the shop has changed the cart, or somebody comes back to this one, which promises by a time that is gone.
  for (const happened of ["storage", "pageshow", "visibilitychange"]) {
    addEventListener(happened, (event) => {
      if (/** @type {PageTransitionEvent} */ (event).persisted === false) return;
      visit.cart.read();
      const isStale = visit.shop.now - shown >= STALE_MS;
      if (isStale || (location.hash === "#/cart" && happened !== "visibilitychange")) show(visit);
      else frame(visit);
    });
  }
  // A question asked from a button may find the engine lost too.
  addEventListener("error", (event) => {
    if (!isLost(event.error)) return;
    event.preventDefault();
    restart(visit);
  });
  show(visit);
  // The digest reads the whole book, and nobody waits for it.
  setTimeout(() => seal(visit));
}

/** @param {Visit} visit */
function show(visit) {
  try {
    const { view, title, said } = viewOf(visit);
    view.querySelector("h1")?.setAttribute("tabindex", "-1");
    const wasInside = main.contains(document.activeElement);
    fill(main, view);
    // Whoever pressed what is now gone goes on from the title, not from the top of the page.
    if (wasInside) view.querySelector("h1")?.focus({ preventScroll: true });
    document.title = `${title} – Larder Lane`;
    if (said) say(said);
    shown = visit.shop.now;
    frame(visit);
  } catch (error) {
    if (isLost(error)) restart(visit);
    else fail(error);
  }
}

/** @param {Visit} visit */
function viewOf(visit) {
  const [kind = "", given = ""] = location.hash.replace(/^#\//, "").split("/");
  const text = decoded(given);
  if (kind !== "search" && document.activeElement !== words) words.value = "";
  if (kind === "search" && words.value === "") words.value = text;
  if (kind === "cart") return cartView(visit);
  const item = kind === "item" ? visit.shop.catalogue.itemBySku.get(text) : undefined;
  if (item) return itemView(visit, item);
  if (kind === "item") return notThere();
  if (kind === "search") return goods(visit, { words: text });
  return goods(visit, { words: "", department: kind === "department" ? text : undefined });
}

/** An item that the shop does not have, or has no longer. */
function notThere() {
  const title = "Not in the shop";
  const words = h("p", { class: "empty" }, "There is no such item here, or it is no longer sold. You may ", h("a", { href: "#/" }, "look at all goods"), ".");
  return { view: h("div", {}, h("h1", {}, title), words), title, said: "" };
}

/** An address that someone mistyped is no error. @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {Visit} visit */
function fillStores({ shop, home, chooseStore }) {
  const option = (/** @type {import("./catalogue.js").Place} */ store) => h("option", { value: store.node, selected: store === home }, store.title);
  const byTitle = [...shop.catalogue.stores].sort((one, other) => one.title.localeCompare(other.title, "en"));
  fill(storeSelect, byTitle.map(option));
  storeSelect.disabled = false;
  storeSelect.addEventListener("change", () => {
    const store = shop.catalogue.placeByNode.get(storeSelect.value);
    if (store) chooseStore(store);
  });
}

/** @param {Visit} visit */
function frame({ shop, cart }) {
  const count = byId("cart-count");
  count.hidden = cart.units === 0;
  fill(count, String(cart.units), h("span", { class: "visually-hidden" }, cart.units === 1 ? " unit" : " units"));
  const { moment } = shop.format;
  const { count: asked, millis } = shop.asked;
  main.dataset.now = String(shop.now);
  fill(byId("clock"), `The shop’s clock stands at ${moment(shop.now)} (UTC): it began when the stock was recorded and goes on while you are here.`);
  fill(byId("asked"), `${counted(asked, "question")} about stock and delivery answered in this page, in ${millis.toFixed(1)} ms. No server was asked.`);
}

/** Says whether the book that came is the one that the retailer sent. @param {Visit} visit */
function seal({ shop }) {
  const digest = shop.digest();
  const verdict = digest === shop.catalogue.digest ? ", the one that the retailer states." : ", not the one that the retailer states!";
  fill(byId("seal"), `The book came as ${shop.format.number(Math.ceil(shop.bytes / 1000))} kB. Its digest is `, h("code", {}, digest), verdict);
}

/** @param {string} text */
function say(text) {
  byId("said").textContent = text;
}

/** @param {Visit} visit */
async function restart(visit) {
  try {
    await visit.shop.restart();
    notice("The stock book had to be opened again. Nothing is lost; please go on.");
    show(visit);
  } catch (error) {
    fail(error);
  }
}

/** @param {string} text */
function notice(text) {
  const element = byId("notice");
  element.textContent = text;
  element.hidden = false;
}

/** @param {unknown} error */
function fail(error) {
  const detail = error instanceof Error ? error.message : String(error);
  const again = h("button", { class: "primary", type: "button", click: () => location.reload() }, "Try again");
  fill(main, h("div", { class: "failed", role: "alert" }, h("h1", { tabindex: "-1" }, "The shop cannot open"), h("p", {}, "What is on the shelves could not be loaded, so nothing can be promised. Your cart is kept."), h("p", { class: "muted" }, detail), again));
  document.title = "Larder Lane";
}
