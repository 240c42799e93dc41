/** A number of units, with buttons to make it more or less. */
import { UNITS_MAX } from "../cart.js";
import { h } from "../dom.js";

/**
 * @param {{ label: string, value: number, min?: number, change: (units: number) => void }} options
 */
export function quantityField({ label, value, min = 1, change }) {
  const input = h("input", { type: "number", inputmode: "numeric", min, max: UNITS_MAX, value, "aria-label": label, change: () => to(input.valueAsNumber) });
  const note = h("small", { class: "muted", role: "status" });
  const to = (/** @type {number} */ units) => {
    const held = Math.min(Math.max(Math.trunc(units) || min, min), UNITS_MAX);
    note.textContent = held === units ? "" : units > UNITS_MAX ? `${UNITS_MAX} at the most` : `Whole units, ${min} at the least`;
    input.value = String(held);
    change(held);
  };
  const step = (/** @type {number} */ by, /** @type {string} */ sign, /** @type {string} */ word) =>
    h("button", { type: "button", "aria-label": `${word}: ${label}`, click: () => to(input.valueAsNumber + by) }, sign);
  return h("div", { class: "amount" }, h("div", { class: "quantity" }, step(-1, "−", "One less"), input, step(1, "+", "One more")), note);
}
