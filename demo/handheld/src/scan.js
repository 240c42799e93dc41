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

/** Takes what is typed while no field that takes text has the focus into the scan field, as a scanner does not click first. */
export function listenForScanner() {
  document.addEventListener("keydown", (event) => {
    const field = document.getElementById("scan");
    const target = event.target instanceof Element ? event.target : document.body;
    if (field === null || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === " ") return;
    if (target.closest("input:not([type=radio]), textarea") !== null || picks(target, event.key)) return;
    field.focus({ preventScroll: true });
  });
}

/** Whether the focus is on a list with an entry that begins so: who types that chooses from it. */
function picks(target, key) {
  const entries = [...(target.closest("select")?.options ?? [])];
  return entries.some(({ text }) => text.toLowerCase().startsWith(key.toLowerCase()));
}

/**
 * A field beside the scan field. Enter leads back to the scanner; a barcode that was scanned into it by mistake counts as a scan.
 *
 * @param {Record<string, unknown>} properties
 * @param {(text: string) => boolean} scanned Takes a text that is a barcode, and says whether it was one.
 * @param {(text: string) => void} change
 */
export function field(properties, scanned, change) {
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
    change: () => {
      const text = input.value.trim();
      // The focus moves on once this event is over, and only then can it be kept.
      setTimeout(() => keepingFocus(() => scanned(text) || change(text)));
    },
  });
  return input;
}

/** A number of pieces that somebody typed. @param {string} text */
export const whole = (text) => Math.max(0, Math.min(99_999, Math.trunc(Number(text) || 0)));
