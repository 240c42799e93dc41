/** A number of units, with buttons to make it more or less. */
import { h } from "../dom.js";

const UNITS_MAX = 99;

/**
 * @param {{ label: string, value: number, min?: number, change: (units: number) => void }} options
 */
export function quantityField({ label, value, min = 1, change }) {
  const input = h("input", { type: "number", inputmode: "numeric", min, max: UNITS_MAX, value, "aria-label": label, change: () => to(input.valueAsNumber) });
  const to = (/** @type {number} */ units) => {
    const held = Math.min(Math.max(Math.trunc(units) || min, min), UNITS_MAX);
    input.value = String(held);
    change(held);
  };
  const step = (/** @type {number} */ by, /** @type {string} */ sign, /** @type {string} */ word) =>
    h("button", { type: "button", "aria-label": `${word}: ${label}`, click: () => to(input.valueAsNumber + by) }, sign);
  return h("div", { class: "quantity" }, step(-1, "−", "One less"), input, step(1, "+", "One more"));
}
