/** Starts the page: opens the device, and shows the work that an address names. */
import { counting } from "./count.js";
import { Device } from "./device.js";
import { byId, fill, h } from "./dom.js";
import { receiving } from "./receive.js";
import { listenForScanner } from "./scan.js";
import { notBooked } from "./turned_away.js";
import { clock, duration, spaced, units } from "./words.js";

/** Clocks are set right by a moment now and then; beyond this, in milliseconds, somebody is to know. */
const CLOCK_MS = 5 * 60_000;
const NO_ROOM = "This device has no room left, and nothing more is kept on it. Leave this page open and make room: what you scanned is still here, and nothing is booked.";

/** @type {Device} */
let device;

function work() {
  const { orders, counts } = device.store;
  const begun = (address) => device.work[address] !== undefined && h("span", { class: "badge" }, "Begun");
  const card = (address, title, about, extra) => h("li", {}, h("a", { class: "card", href: address }, h("span", { class: "card-title" }, title, " ", begun(address)), h("span", { class: "muted" }, about), extra));
  const deliveries = orders.map(({ supply }) => device.order(supply));
  return h("div", { class: "home-view" },
    h("h1", { tabindex: "-1" }, "What is to do"),
    notBooked(device),
    h("section", { "aria-label": "Deliveries" }, h("h2", {}, "Deliveries"), h("ul", { class: "cards" },
      deliveries.map(({ supply, supplier, items, open }) => card(`#/receive/${supply}`, supplier,
        items[0].due === undefined ? `${supply} · its order is not booked` : open === 0 ? `${supply} · all has come` : `${supply} · due ${clock(items[0].due)} · ${units(open)} of ${units(items.length, "item")}`)),
      card("#/receive", "Without an order", "Something is at the door that nobody announced"))),
    h("section", { "aria-label": "Counts" }, h("h2", {}, "Counts"), h("ul", { class: "cards" },
      counts.map(({ name, title, items }) => card(`#/count/${name}`, title, `${units(items.length, "item")}, ${units(device.store.places.length, "place")}`)))),
    journal());
}

/** What this device told, newest first, and the way to carry it elsewhere. */
function journal() {
  const list = h("ol", { class: "journal", reversed: true });
  const carry = h("a", { class: "quiet", download: `${device.source}.json`, href: "#/" }, "Save the facts as a file");
  const body = h("details", {}, h("summary", {}, "This device"), h("p", { class: "muted" }, `${device.source} keeps its numbered facts here until they are sent; sent twice they count once.`), list, carry);
  device.facts().then((facts) => {
    const rows = facts.slice(-12).reverse();
    fill(list, rows.map((fact) => h("li", { value: fact.id }, h("b", {}, spaced(fact.kind)), ` ${clock(fact.occurred)}`, fact.actor !== undefined && ` by ${fact.actor}`, fact.reason !== undefined && `, ${spaced(fact.reason)}`, became(fact))));
    carry.setAttribute("href", `data:application/json,${encodeURIComponent(JSON.stringify(facts))}`);
  });
  return body;
}

/** What became of a fact that the book turned away. */
function became({ id }) {
  const why = device.turnedAway[id];
  if (why === undefined) return undefined;
  const done = why.again !== undefined ? `told anew as ${why.again}` : why.aside !== undefined ? `put aside by ${why.aside.who}` : "to be set right";
  return `: turned away, ${done}`;
}

function show() {
  const [, kind, name] = location.hash.match(/^#\/(\w+)(?:\/([\w-]+))?$/) ?? [];
  const known = { receive: name === undefined || device.order(name) !== undefined, count: device.store.counts.some((count) => count.name === name) };
  const view = !known[kind] ? work() : kind === "receive" ? receiving(device, name) : counting(device, name);
  const main = byId("main");
  fill(main, view);
  // On a work view the scanner comes first; elsewhere the heading does, except where the page has just been opened.
  const first = main.querySelector("#scan") ?? (document.body.dataset.ready && main.querySelector("h1"));
  first?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

async function start() {
  try {
    device = await Device.open();
  } catch (error) {
    notice(`The page cannot open: ${error instanceof Error ? error.message : error}.`);
    fill(byId("main"));
    return;
  }
  if (device.behind > CLOCK_MS) notice(`The clock of this device was set back by ${duration(device.behind)}. What you do is kept in its order, after all that was done before; set the clock right.`);
  device.onKept = () => {
    if (byId("notice").textContent === NO_ROOM) byId("notice").hidden = true;
  };
  fill(byId("store"), device.store.title);
  const who = byId("who");
  fill(who, device.store.people.map(({ name, title }) => h("option", { value: name, selected: name === device.who }, title)));
  who.removeAttribute("disabled");
  who.addEventListener("change", async () => {
    await device.become(who.value);
    show();
  });
  addEventListener("hashchange", show);
  // A page that comes back as the browser kept it does not know what another has told meanwhile. What is under way is kept.
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  listenForScanner();
  show();
  document.body.dataset.ready = "true";
  await stay();
}

/** Has the page kept on the device, to be opened without a network. Where a browser does not let it, the page works as long as it is open. */
async function stay() {
  const registration = await navigator.serviceWorker?.register("worker.js").catch(() => undefined);
  registration?.active?.postMessage("opened");
}

/** @param {string} text */
function notice(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = false;
}

addEventListener("unhandledrejection", ({ reason }) => {
  notice(reason?.name === "QuotaExceededError" ? NO_ROOM : `Something went wrong: ${reason?.message ?? reason}. What you did is kept; load the page again.`);
});
start();
