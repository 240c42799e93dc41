/** The scan field. A scanner is a keyboard that types quickly and ends with Enter; what it types anywhere on the page comes here. */
import { h, keepingFocus } from "./dom.js";

/**
 * @param {string} label
 * @param {(text: string) => void} onScan
 */
export function scanField(label, onScan) {
  const input = h("input", {
    id: "scan", name: "scan", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "go", placeholder: "Scan, or type a number",
  });
  const submit = (event) => {
    event.preventDefault();
    const text = input.value;
    input.value = "";
    if (text.trim() !== "") onScan(text);
    input.focus({ preventScroll: true });
  };
  return h("form", { class: "scan", submit }, h("label", { for: "scan" }, label), h("div", { class: "scan-row" }, input, h("button", { class: "quiet", type: "submit" }, "Enter")));
}

/** Milliseconds from one key to the next, at most: every scanner is as quick, and nobody's fingers are for so many signs. */
const QUICK_MS = 100;
/** Signs of the shortest barcode that is looked up. */
const SHORTEST = 8;
/** Milliseconds after which a date that is being typed, digit by digit, is taken for whole. */
const PAUSE_MS = 1_000;

/**
 * Takes what a scanner types for a scan, as it does not click first: what comes as quickly and ends with Enter is a scan wherever the focus
 * is, and the field that it ran into has again what it had. What is typed while no field that takes text has the focus goes to the scan field.
 */
export function listenForScanner() {
  /** What has come quickly, when its last key came, whether its first is no part of the scan field, and how to put back what it changed. */
  let [typed, last, picked, undo] = ["", -Infinity, false, () => {}];
  let choice;
  document.addEventListener("keydown", (event) => {
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById("scan"));
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.ctrlKey || event.metaKey || event.altKey || (event.key.length !== 1 && event.key !== "Enter")) return;
    const isQuick = event.timeStamp - last <= QUICK_MS;
    last = event.timeStamp;
    if (event.key === "Enter") {
      const isScan = isQuick && typed.length >= SHORTEST && (target !== field || picked);
      last = -Infinity;
      if (!isScan) return;
      event.preventDefault();
      event.stopPropagation();
      undo();
      const text = typed;
      // What was typed there before it is made known first.
      field?.focus({ preventScroll: true });
      setTimeout(() => field !== null && submit(field, text));
      return;
    }
    const entry = picks(target, event.key);
    // A key that is held down is a finger's: the press itself chooses, and no repeat of it goes on to the next entry.
    if (entry !== undefined && event.repeat) return event.preventDefault();
    if (!isQuick) [typed, picked, undo] = ["", entry !== undefined, before(target)];
    typed += event.key;
    clearTimeout(choice);
    if (entry !== undefined) {
      // A list would choose at once; who scans chooses nothing.
      event.preventDefault();
      if (!isQuick) choice = setTimeout(() => choose(entry), QUICK_MS);
      return;
    }
    if (field === null || event.key === " ") return;
    if (target.closest("input:not([type=radio]), textarea") !== null) return;
    field.focus({ preventScroll: true });
  }, { capture: true });
}

/** @param {HTMLInputElement} field @param {string} text */
function submit(field, text) {
  field.value = text;
  field.form?.requestSubmit();
}

/** Puts back what a field has now. @param {Element} target */
function before(target) {
  if (!(target instanceof HTMLInputElement) || target.type === "radio") return () => {};
  const { value } = target;
  return () => { target.value = value; };
}

/** The entry that who types this chooses, where the focus is on a list that has one: the next one that begins so. */
function picks(target, key) {
  const list = target.closest("select");
  const entries = [...(list?.options ?? [])];
  const next = (list?.selectedIndex ?? 0) + 1;
  return [...entries.slice(next), ...entries.slice(0, next)].find(({ text }) => text.toLowerCase().startsWith(key.toLowerCase()));
}

/** @param {HTMLOptionElement} entry */
function choose(entry) {
  if (entry.selected) return;
  entry.selected = true;
  entry.closest("select").dispatchEvent(new Event("change", { bubbles: true }));
}

/**
 * A field beside the scan field. Enter leads back to the scanner; a barcode that was typed into it by mistake counts as a scan.
 *
 * @param {Record<string, unknown>} properties
 * @param {(text: string) => boolean} scanned Takes a text that is a barcode, and says whether it was one.
 * @param {(text: string) => void} change
 */
export function field(properties, scanned, change) {
  let waiting;
  const told = () => {
    waiting = undefined;
    const text = input.value.trim();
    keepingFocus(() => scanned(text) || change(text));
  };
  // Once, however many events ask for it: a barcode that was typed counts once.
  const tell = (ms) => {
    clearTimeout(waiting);
    waiting = setTimeout(told, ms);
  };
  const input = h("input", {
    ...properties,
    autocomplete: "off",
    focus: () => input.select?.(),
    keydown: (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      // Leaving the field makes its change known first.
      document.getElementById("scan")?.focus({ preventScroll: true });
    },
    // The focus moves on once this event is over, and only then can it be kept. A date changes with each digit.
    change: () => tell(properties.type === "date" && document.activeElement === input ? PAUSE_MS : 0),
    blur: () => {
      if (waiting !== undefined) tell(0);
    },
  });
  return input;
}

/** A number of pieces that somebody typed. @param {string} text */
export const whole = (text) => Math.max(0, Math.min(99_999, Math.trunc(Number(text) || 0)));
