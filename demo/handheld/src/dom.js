/** Elements from plain calls; texts are texts, so nothing that data says is ever read as markup. */

/** @typedef {Node | string | number | null | false | undefined | readonly Child[]} Child */

/**
 * An element: functions listen, everything else is an attribute; true and false set it or leave it out.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...Child} children
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(key, /** @type {EventListener} */ (value));
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  fill(element, ...children);
  return element;
}

/**
 * Puts children in place of what an element has.
 *
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
}

/**
 * @param {readonly Child[]} children
 * @returns {(Node | string)[]}
 */
function flat(children) {
  return children.flatMap((child) => {
    if (child === null || child === undefined || child === false) return [];
    if (Array.isArray(child)) return flat(child);
    return [child instanceof Node ? child : String(child)];
  });
}

/**
 * The element with an id that index.html has.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no #${id}`);
  return element;
}

/**
 * Says something to those who do not see it. What is odd interrupts, the rest waits.
 *
 * @param {string} text
 * @param {"said" | "odd"} how
 */
export function say(text, how = "said") {
  byId(how).textContent = text;
  // Before anybody touched the page a browser would only complain.
  if (how === "odd" && text !== "" && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(120);
}

/**
 * Shows anew without losing the place of who works by keyboard: what has the focus has it again afterwards, by its id.
 *
 * @param {() => void} show
 */
export function keepingFocus(show) {
  const id = document.activeElement?.id;
  show();
  if (id && document.activeElement?.id !== id) document.getElementById(id)?.focus({ preventScroll: true });
}
