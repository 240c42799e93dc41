/** Receiving: what was scanned is held against its order with each scan; what is odd asks for a reason; then it is booked. */
import { isGtin, read } from "./barcode.js";
import { fill, h, keepingFocus, say } from "./dom.js";
import { field, scanField, whole } from "./scan.js";
import { showNotBooked } from "./turned_away.js";
import { MISSING, odd, REASONS, units, unknown } from "./words.js";

/**
 * A line as it was scanned, plain data that is kept until it is booked.
 * @typedef {{ sku: string, units: number, pack?: string, lot?: string, expires?: number, damaged: number, reasons: Record<string, string> }} Scanned
 */

/** @param {import("./device.js").Device} device @param {string | undefined} supply */
export function receiving(device, supply) {
  const address = supply === undefined ? "#/receive" : `#/receive/${supply}`;
  const { node } = device.store;
  /** @type {{ lines: Scanned[], missing: Record<string, string> }} */
  const work = device.work[address] ?? { lines: [], missing: {} };
  const order = () => (supply === undefined ? undefined : device.order(supply));
  const list = h("ul", { class: "lines", "aria-label": "Scanned" });
  const progress = h("section", { class: "progress", "aria-label": "Expected" });
  const actions = h("div", { class: "actions" });
  let current = work.lines.at(-1);
  let asked = false;
  let isBooking = false;

  const known = order();
  const title = known === undefined ? "Without an order" : known.supplier;
  const view = h("div", { class: "work" },
    h("div", { class: "head" }, h("h1", { tabindex: "-1" }, title), h("p", { class: "muted" }, supply === undefined ? "Nothing was announced. What comes is put aside until the office decides." : `${supply}: scan each case or piece as it comes in.`)),
    scanField("Scan a barcode", scan), h("div", { class: "columns" }, h("section", { "aria-label": "This delivery" }, list), progress), actions);

  /** @param {string} text */
  function scan(text) {
    const barcode = read(text);
    const found = device.find(barcode.code);
    if (found === undefined) return show(undefined, `${unknown(barcode.code, isGtin(barcode.code))} Try the other side of the pack, or call the office.`);
    const { item, pack } = found;
    const count = (pack?.units ?? 1) * (barcode.count ?? 1);
    let line = work.lines.find((one) => one.sku === item.sku && one.lot === barcode.lot && one.expires === barcode.expires);
    // Batch and expiry that were asked for belong to what was scanned before.
    line ??= barcode.lot === undefined && barcode.expires === undefined ? work.lines.findLast((one) => one.sku === item.sku) : undefined;
    if (line === undefined) {
      const isFirst = !work.lines.some((one) => one.sku === item.sku);
      line = { sku: item.sku, units: 0, damaged: 0, reasons: {}, ...(isFirst && pack !== undefined && { pack: pack.pack }) };
      if (barcode.lot !== undefined) line.lot = barcode.lot;
      if (barcode.expires !== undefined) line.expires = barcode.expires;
      if (pack !== undefined) line.pack = pack.pack;
      work.lines.push(line);
    }
    if (pack === undefined) delete line.pack;
    line.units += count;
    current = line;
    // What was scanned last stands first.
    work.lines.push(...work.lines.splice(work.lines.indexOf(line), 1));
    show(`${item.title}: ${units(line.units)}`);
    list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  /** Whether a text that came into another field is a barcode; then it is a scan. @param {string} text */
  function isScan(text) {
    if (text.length < 8 || device.find(read(text).code) === undefined) return false;
    scan(text);
    return true;
  }

  /** The receipt as the dock has it: damaged units are lines of their own. */
  function inspection() {
    const places = [];
    const lines = work.lines.flatMap((line, at) => {
      const { sku, lot, expires, pack } = line;
      const base = { sku, ...(lot !== undefined && { lot }), ...(expires !== undefined && { expires }) };
      const sound = { ...base, quantity: line.units - line.damaged, ...(pack !== undefined && line.damaged === 0 && { pack }) };
      const parts = line.damaged === 0 ? [sound] : [sound, { ...base, quantity: line.damaged, state: "damaged" }];
      const meant = parts.filter(({ quantity }) => quantity > 0);
      places.push(...meant.map(() => at));
      return meant;
    });
    // The number is that of the journal once it is booked; an inspection posts nothing.
    const receipt = { source: device.source, id: 1, kind: "receipt", occurred: device.now(), node, lines };
    const against = order();
    const answer = device.engine.inspect({
      receipt, ...(against !== undefined && { order: { supply, items: against.items.map(({ expected }) => expected) } }),
    });
    const findings = answer.findings.map((finding) => ({ ...finding, at: finding.line === undefined ? undefined : places[finding.line], scanned: finding.line }));
    return { ...answer, findings, scanned: lines, places };
  }

  /** Reasons that are still to be given: lines and missing items, by what asks. */
  function open({ findings }) {
    // As they stand on the page: what was scanned last comes first.
    const lines = findings.filter(({ at, oddity }) => at !== undefined && work.lines[at].reasons[oddity] === undefined).sort((one, other) => other.at - one.at);
    const missing = findings.filter(({ at, sku }) => at === undefined && work.missing[sku] === undefined);
    return [...lines, ...missing];
  }

  /** @param {string} [spoken] @param {string} [problem] */
  function show(spoken, problem) {
    const answer = inspection();
    // What is being booked is over once it is.
    if (!isBooking) device.keep(address, work.lines.length === 0 ? undefined : work);
    const oddOfCurrent = answer.findings.filter(({ at }) => at !== undefined && work.lines[at] === current);
    say(problem ?? oddOfCurrent.map((finding) => `${device.item(finding.sku).title}: ${odd(finding)}`).join(" "), "odd");
    if (spoken !== undefined) say(spoken);
    fill(list, problem !== undefined && h("li", { class: "line is-odd" }, h("p", { class: "odd-text" }, problem)), work.lines.length === 0 ? h("li", { class: "empty" }, "Nothing scanned yet.") : work.lines.map((line, at) => lineView(line, at, answer)).reverse());
    fill(progress, expectedView(answer));
    const held = answer.receipt.lines?.filter(({ state }) => state !== "sellable").reduce((sum, { quantity }) => sum + quantity, 0) ?? 0;
    // What has not come is asked for when all has been scanned, and not before.
    const left = open(answer).filter(({ at }) => asked || at !== undefined).length;
    fill(actions,
      h("p", {}, work.lines.length === 0 ? "" : left > 0 ? `${units(left, "reason")} to give` : held > 0 ? `${units(held)} to put aside` : "All is as ordered"),
      h("button", { class: "main", type: "button", disabled: work.lines.length === 0, click: book }, "Book delivery"));
  }

  /** @param {Scanned} line @param {number} at @param {ReturnType<typeof inspection>} answer */
  function lineView(line, at, answer) {
    const item = device.item(line.sku);
    const findings = answer.findings.filter((finding) => finding.at === at);
    const change = (edit) => keepingFocus(() => {
      edit();
      current = line;
      line.damaged = Math.min(line.damaged, line.units);
      if (line.units === 0) work.lines.splice(at, 1);
      show(line.units === 0 ? `${item.title} taken off` : `${item.title}: ${units(line.units)}`);
    });
    if (line !== current && findings.length === 0) {
      const again = () => {
        current = line;
        show(`${item.title}: ${units(line.units)}`);
        document.getElementById(`units-${at}`)?.focus();
      };
      return h("li", {}, h("button", { type: "button", class: "line line-short", click: again },
        h("span", {}, item.title), h("b", { class: "of" }, line.units, h("span", { class: "visually-hidden" }, " in all, fine. Change"))));
    }
    const size = item.packs[0].units;
    const input = (id, label, properties, edit) => h("label", { class: "field" }, h("span", {}, label), field({ id: `${id}-${at}`, ...properties }, isScan, (text) => change(() => edit(text))));
    const dates = line.expires === undefined ? "" : localDate(line.expires);
    return h("li", { class: findings.length > 0 ? "line is-odd" : "line", "aria-current": line === current ? "true" : undefined },
      h("div", { class: "line-head" }, h("h2", {}, item.title), h("p", { class: "badge" }, findings.length > 0 ? "Look here" : "Fine")),
      h("div", { class: "stepper", role: "group", "aria-label": `Pieces of ${item.title}` },
        h("button", { type: "button", id: `less-${at}`, "aria-label": "One piece less", click: () => change(() => { line.units = Math.max(0, line.units - 1); delete line.pack; }) }, "−"),
        h("label", { class: "visually-hidden", for: `units-${at}` }, `Pieces of ${item.title}`),
        field({ id: `units-${at}`, class: "number", inputmode: "numeric", value: line.units }, isScan, (text) => change(() => { line.units = whole(text); if (line.units % size !== 0) delete line.pack; })),
        h("button", { type: "button", id: `more-${at}`, "aria-label": "One piece more", click: () => change(() => { line.units += 1; delete line.pack; }) }, "+"),
        h("button", { type: "button", id: `case-${at}`, class: "case", "aria-label": `+ case of ${size}`, click: () => change(() => { line.units += size; }) }, "+ case")),
      h("div", { class: "fields" },
        input("damaged", "Damaged", { class: "number", inputmode: "numeric", value: line.damaged }, (text) => (line.damaged = whole(text))),
        item.byLot && input("lot", "Batch", { value: line.lot ?? "", maxlength: "80", autocapitalize: "characters" }, (text) => (line.lot = text.slice(0, 20) || undefined)),
        item.lifeMs !== undefined && input("expires", "Good until", { type: "date", value: dates }, (text) => (line.expires = endOf(text)))),
      findings.map((finding) => findingView(finding, line, at)));
  }

  /** @param {any} finding @param {Scanned} line @param {number} at */
  function findingView(finding, line, at) {
    const isMistaken = finding.oddity === "pack_mistaken";
    const give = (code) => keepingFocus(() => {
      line.reasons[finding.oddity] = code;
      show("Reason taken");
    });
    const mend = () => {
      line.units = finding.limit;
      delete line.pack;
      current = line;
      show(`${device.item(line.sku).title}: ${units(line.units)}`);
      document.getElementById("scan")?.focus({ preventScroll: true });
    };
    return h("div", { class: "odd" }, h("p", { class: "odd-text" }, odd(finding)),
      isMistaken && h("button", { type: "button", class: "quiet", click: mend }, `Make it ${finding.limit}`),
      reasons(`reason-${at}-${finding.oddity}`, "Reason", REASONS[finding.oddity] ?? [["unclear", "I do not know"]], line.reasons[finding.oddity], give));
  }

  /** @param {ReturnType<typeof inspection>} answer */
  function expectedView(answer) {
    const against = order();
    if (against === undefined) return [];
    const scanned = (sku) => work.lines.filter((line) => line.sku === sku).reduce((sum, line) => sum + line.units, 0);
    return [h("h2", {}, "Expected"), h("ul", {}, against.items.map(({ expected }) => {
      const count = scanned(expected.sku);
      const short = answer.findings.find(({ at, sku }) => at === undefined && sku === expected.sku);
      const { title } = device.item(expected.sku);
      const give = (code) => keepingFocus(() => {
        work.missing[expected.sku] = code;
        show("Taken down");
      });
      return h("li", {}, h("div", { class: "line-head" }, h("h3", {}, title), h("p", { class: "of" }, `${count} of ${expected.open}`)),
        h("progress", { max: Math.max(1, expected.open), value: Math.min(count, expected.open), "aria-label": `${title}: ${count} of ${expected.open}` }),
        short !== undefined && work.lines.length > 0 && asked && h("div", { class: "odd" }, h("p", { class: "odd-text" }, odd(short)),
          reasons(`missing-${expected.sku}`, "What of it?", MISSING, work.missing[expected.sku], give)));
    }))];
  }

  async function book() {
    const answer = inspection();
    const left = open(answer);
    if (left.length > 0) {
      asked = true;
      const wasOdd = left[0];
      show();
      const name = wasOdd.at === undefined ? `missing-${wasOdd.sku}` : `reason-${wasOdd.at}-${wasOdd.oddity}`;
      view.querySelector(`[name="${name}"]`)?.focus();
      return say(`${units(left.length, "reason")} to give first. ${device.item(wasOdd.sku).title}: ${odd(wasOdd)}`, "odd");
    }
    const facts = factsOf(answer);
    // Pressed twice it is booked once.
    if (isBooking) return;
    isBooking = true;
    let turnedAway;
    try {
      turnedAway = await device.tell(facts, address);
    } finally {
      isBooking = false;
    }
    if (turnedAway > 0) showNotBooked(turnedAway);
    else done(answer);
  }

  /** One receipt for what is for sale, one for each reason why something is put aside, and the word on what will not come. */
  function factsOf({ receipt, findings, scanned, places }) {
    const byReason = new Map();
    // The answer has the lines in the order in which they were scanned: what is accepted of a line, then what is put aside of it.
    let rest = [...receipt.lines];
    scanned.forEach((line, place) => {
      let left = line.quantity;
      while (left > 0) {
        const [part, ...others] = rest;
        rest = others;
        left -= part.quantity;
        const cause = findings.find((finding) => finding.scanned === place);
        const reason = part.state === "sellable" || cause === undefined ? undefined : work.lines[places[place]].reasons[cause.oddity];
        byReason.set(reason, [...(byReason.get(reason) ?? []), part]);
      }
    });
    const base = { occurred: receipt.occurred, node, actor: device.who };
    const facts = [...byReason].map(([reason, lines]) => ({ ...base, kind: "receipt", ...(reason !== undefined && { reason }), lines }));
    const gone = order()?.items.filter(({ expected }) => work.missing[expected.sku] === "will_not_come" && findings.some(({ at, sku }) => at === undefined && sku === expected.sku)) ?? [];
    for (const { expected, received, due } of gone) {
      const came = receipt.lines.filter(({ sku, supply: of }) => sku === expected.sku && of === supply).reduce((sum, { quantity }) => sum + quantity, 0);
      facts.push({ ...base, kind: "supply_change", subject: supply, due, reason: "will_not_come", lines: [{ sku: expected.sku, quantity: received + came }] });
    }
    return facts;
  }

  function done({ receipt }) {
    const sum = (wanted) => receipt.lines.filter(({ state }) => wanted(state)).reduce((sum, { quantity }) => sum + quantity, 0);
    const [sold, damaged] = [sum((state) => state === "sellable"), sum((state) => state === "damaged")];
    const aside = sum(() => true) - sold - damaged;
    const heading = h("h1", { tabindex: "-1" }, "Booked");
    fill(view, h("div", { class: "done" }, h("div", { class: "tick", "aria-hidden": "true" }, "✓"), heading,
      h("ul", { class: "sums" },
        h("li", {}, h("b", {}, sold), " for sale now"),
        aside > 0 && h("li", {}, h("b", {}, aside), " put aside: the red cage, until the office decides"),
        damaged > 0 && h("li", {}, h("b", {}, damaged), " damaged: the grey box")),
      h("a", { class: "main", href: "#/" }, "Back to the work")));
    heading.focus();
    say(`Booked: ${sold} for sale, ${aside} put aside, ${damaged} damaged.`);
  }

  show();
  return view;
}

/**
 * @param {string} name @param {string} legend @param {readonly (readonly string[])[]} choices @param {string | undefined} chosen
 * @param {(code: string) => void} give
 */
export function reasons(name, legend, choices, chosen, give) {
  return h("fieldset", { class: "reasons" }, h("legend", {}, legend), choices.map(([code, text]) =>
    h("label", {}, h("input", { type: "radio", id: `${name}-${code}`, name, value: code, checked: code === chosen, change: () => give(code) }), h("span", {}, text))));
}

/** @param {number} moment */
function localDate(moment) {
  const date = new Date(moment);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** @param {string} date As a date field has it. */
function endOf(date) {
  const [year, month, day] = date.split("-").map(Number);
  return date === "" ? undefined : new Date(year, month - 1, day, 23, 59, 59, 999).getTime();
}
