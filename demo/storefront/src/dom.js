/** Elements from plain calls; texts are texts, so nothing that data says is ever read as markup. */

/** @typedef {Node | string | null | false | undefined | readonly Child[]} Child */

/**
 * An element. `on` properties listen, `class` and attributes with a dash are set as written, true and false set or leave out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
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
    return typeof child === "string" || child instanceof Node ? [child] : flat(child);
  });
}

/**
 * A disclosure.
 *
 * @param {string} summary What is seen of it when it is closed.
 * @param {() => Child} inner Made when it is opened for the first time.
 * @param {string} [about] What it is about, for those who do not see where it stands.
 */
export function disclosure(summary, inner, about) {
  const body = h("div", { class: "why-body" });
  let made = false;
  const open = () => {
    if (made) return;
    made = true;
    fill(body, inner());
  };
  const label = [summary, about && h("span", { class: "visually-hidden" }, ` ${about}`)];
  return h("details", { class: "why", toggle: open }, h("summary", { click: open }, label), body);
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
