/** Counting: blind, by place and person. The marks are plain data; the package says what they come to. */
import { isGtin, read } from "./barcode.js";
import { fill, h, keepingFocus, say } from "./dom.js";
import { field, scanField, whole } from "./scan.js";
import { showNotBooked } from "./turned_away.js";
import { units, unknown } from "./words.js";

/** @param {import("./device.js").Device} device @param {string} name */
export function counting(device, name) {
  const address = `#/count/${name}`;
  const { node, counts, places, people } = device.store;
  const { title, items } = counts.find((count) => count.name === name) ?? { title: name, items: undefined };
  /** @type {{ place: string, marks: any[] }} */
  const work = device.work[address] ?? { place: places[0].name, marks: [] };
  const sheet = () => ({ name, node, ...(items !== undefined && { items }), places: places.map((place) => place.name), marks: work.marks });
  const titleOf = (list, name) => list.find((one) => one.name === name)?.title ?? name;

  let isClosing = false;

  const where = h("div", { class: "tabs", role: "group", "aria-label": "Place" });
  const list = h("ul", { class: "lines", "aria-label": "Found here" });
  const disputes = h("section", { class: "progress", "aria-label": "To look at again" });
  const actions = h("div", { class: "actions" });
  const view = h("div", { class: "work" },
    h("div", { class: "head" }, h("h1", { tabindex: "-1" }, title), h("p", { class: "muted" }, "Scan all that you find. What the book says is not shown, so that nobody counts to please it.")),
    where, scanField("Scan what you find", scan), h("div", { class: "columns" }, h("section", { "aria-label": "This place" }, list), disputes), actions);

  /** Marks of this person at this place since they last began. */
  const mine = () => {
    const marks = work.marks.filter((mark) => mark.who === device.who && mark.place === work.place);
    return marks.slice(marks.findLastIndex((mark) => mark.startOver) + 1);
  };
  const isFinished = () => mine().some((mark) => mark.finished !== undefined);
  const foundOf = (sku) => mine().filter((mark) => mark.sku === sku).reduce((sum, mark) => sum + mark.units, 0);

  /** @param {any} mark @param {string} spoken */
  function take(mark, spoken) {
    const made = { who: device.who, place: work.place, ...mark };
    const tried = [...work.marks, made];
    const { notTaken } = device.engine.count({ ...sheet(), marks: tried });
    const problem = notTaken.find((one) => one.mark === tried.length - 1);
    if (problem !== undefined) {
      const why = { other_item: "It is not on this sheet.", finished: "You have finished this place. Look again to change it.", out_of_range: "That is too many." };
      return show(undefined, why[problem.code] ?? problem.code);
    }
    work.marks = tried;
    show(spoken);
  }

  /** @param {string} text */
  function scan(text) {
    const barcode = read(text);
    const found = device.find(barcode.code);
    if (found === undefined) return show(undefined, unknown(barcode.code, isGtin(barcode.code)));
    const { item, pack } = found;
    const count = (pack?.units ?? 1) * (barcode.count ?? 1);
    take({ sku: item.sku, units: count }, `${item.title}: ${foundOf(item.sku) + count}`);
  }

  /** Whether a text that came into another field is a barcode; then it is a scan. @param {string} text */
  function isScan(text) {
    if (text.length < 8 || device.find(read(text).code) === undefined) return false;
    scan(text);
    return true;
  }

  /** A number typed in stands for all that was found: the place is begun anew with it. @param {string} sku @param {number} wanted */
  function set(sku, wanted) {
    const others = (items ?? device.store.items.map((item) => item.sku)).filter((one) => one !== sku).map((one) => ({ sku: one, units: foundOf(one) }));
    work.marks = [...work.marks, { who: device.who, place: work.place, startOver: true }];
    for (const { sku: other, units: count } of others) if (count > 0) work.marks.push({ who: device.who, place: work.place, sku: other, units: count });
    if (wanted > 0) work.marks.push({ who: device.who, place: work.place, sku, units: wanted });
    show(`${device.item(sku).title}: ${wanted}`);
  }

  /** @param {string} [spoken] @param {string} [problem] */
  function show(spoken, problem) {
    // What is being closed is over once it is.
    if (!isClosing) device.keep(address, work.marks.length === 0 ? undefined : work);
    const progress = device.engine.count(sheet());
    say(problem ?? "", "odd");
    if (spoken !== undefined) say(spoken);
    const done = isFinished();
    fill(where, places.map((place) => {
      const state = progress.unfinished.includes(place.name) ? "" : progress.disputes.some((dispute) => dispute.place === place.name) ? " – differs" : " – done";
      const go = () => keepingFocus(() => {
        work.place = place.name;
        show(`At ${place.title}`);
      });
      return h("button", { type: "button", id: `place-${place.name}`, "aria-pressed": String(place.name === work.place), click: go }, `${place.title}${state}`);
    }));
    const shown = (items ?? [...new Set(mine().map((mark) => mark.sku))]).filter(Boolean);
    fill(list, problem !== undefined && h("li", { class: "line is-odd" }, h("p", { class: "odd-text" }, problem)), shown.map((sku) => {
      const { title, packs } = device.item(sku);
      const step = (by) => () => keepingFocus(() => by());
      return h("li", { class: "line" }, h("div", { class: "line-head" }, h("h2", {}, title), done && h("p", { class: "badge" }, "Finished")),
        done ? h("p", { class: "found" }, `You found ${foundOf(sku)}`) : h("div", { class: "stepper", role: "group", "aria-label": title },
          h("button", { type: "button", id: `less-${sku}`, "aria-label": `One ${title} less`, disabled: foundOf(sku) === 0, click: step(() => set(sku, foundOf(sku) - 1)) }, "−"),
          h("label", { class: "visually-hidden", for: `found-${sku}` }, `Pieces of ${title}`),
          field({ id: `found-${sku}`, class: "number", inputmode: "numeric", value: foundOf(sku) }, isScan, (text) => set(sku, whole(text))),
          h("button", { type: "button", id: `more-${sku}`, "aria-label": `One ${title} more`, click: step(() => take({ sku, units: 1 }, `${title}: ${foundOf(sku) + 1}`)) }, "+"),
          h("button", { type: "button", id: `case-${sku}`, class: "case", "aria-label": `+ case of ${packs[0].units}, ${title}`, click: step(() => take({ sku, units: packs[0].units }, `${title}: ${foundOf(sku) + packs[0].units}`)) }, "+ case")));
    }));
    fill(disputes, disputesView(progress.disputes));
    const open = progress.disputes.length;
    fill(actions,
      h("p", {}, open > 0 ? "Two of you found different numbers" : progress.unfinished.length > 0 ? `${units(progress.unfinished.length, "place")} to finish` : "All places are finished"),
      done ? h("button", { class: "quiet", type: "button", id: "again", click: () => keepingFocus(() => take({ startOver: true }, "Counting this place anew")) }, "Look again")
        : h("button", { id: "finish", class: progress.unfinished.length > 0 ? "main" : "quiet", type: "button", click: () => take({ finished: device.now() }, `${titleOf(places, work.place)} is finished`) }, "Finish this place"),
      progress.unfinished.length < places.length && h("button", { class: progress.unfinished.length > 0 ? "quiet" : "main", type: "button", disabled: open > 0, click: close }, "Close count"));
  }

  function disputesView(open) {
    if (open.length === 0) return [];
    return [h("h2", {}, "Look again"), h("ul", {}, open.map((dispute) => h("li", { class: "odd" },
      h("p", { class: "odd-text" }, `${device.item(dispute.sku).title}, ${titleOf(places, dispute.place)}: ${dispute.found.map(({ who }) => titleOf(people, who)).join(" and ")} differ. One of you counts this place anew.`))))];
  }

  async function close() {
    // Pressed twice it is closed once.
    if (isClosing) return;
    isClosing = true;
    try {
      await closing();
    } finally {
      isClosing = false;
    }
  }

  async function closing() {
    const journal = await device.facts();
    const first = (journal.at(-1)?.id ?? 0) + 1;
    const { counts: closed } = device.engine.count(sheet(), { source: device.source, first });
    // What the book had is looked up once the count is closed, and not before.
    const before = Object.fromEntries(closed.flatMap(({ lines }) => lines).map(({ sku, place }) => [`${sku} ${place}`, had(sku, place)]));
    const turnedAway = await device.tell(closed.map(({ source, id, recorded, ...fact }) => ({ ...fact, actor: device.who })), address);
    if (turnedAway > 0) return showNotBooked(turnedAway);
    const rows = closed.flatMap(({ lines }) => lines.map(({ sku, place, quantity }) => ({ sku, place, quantity, book: before[`${sku} ${place}`] })));
    const differing = rows.filter(({ quantity, book }) => quantity !== book);
    // Its sign stands before a number, also where a page is read from right to left.
    const digits = (count) => h("td", { class: "digits" }, h("bdi", { dir: "ltr" }, count));
    const heading = h("h1", { tabindex: "-1" }, "Count closed");
    fill(view, h("div", { class: "done" }, h("div", { class: "tick", "aria-hidden": "true" }, "✓"), heading,
      h("p", {}, differing.length === 0 ? "The book was right everywhere." : `${units(differing.length, "number")} in the book ${differing.length === 1 ? "was" : "were"} wrong. It says now what you found, and the office looks into why.`),
      h("div", { class: "table", role: "region", "aria-label": "What was found", tabindex: "0" }, h("table", {}, h("thead", {}, h("tr", {}, ["Item", "Place", "Found", "Book had"].map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, rows.map(({ sku, place, quantity, book }) => h("tr", { class: quantity === book ? undefined : "differs" },
          h("th", { scope: "row" }, device.item(sku).title), h("td", {}, titleOf(places, place)), digits(quantity), digits(book)))))),
      h("a", { class: "main", href: "#/" }, "Back to the work")));
    heading.focus();
    say(`Count closed. ${units(differing.length, "difference")}.`);
  }

  /** @param {string} sku @param {string} place */
  function had(sku, place) {
    const here = device.engine.positions(sku).filter((one) => one.location === node && one.place === place && one.state === "sellable" && one.owner === undefined);
    return here.reduce((sum, one) => sum + one.quantity, 0);
  }

  show();
  return view;
}
