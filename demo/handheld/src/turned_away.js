/** Facts that the book turned away: why, and the two ways on. Set right, a fact is told anew; put aside, it stays in the journal all the same. */
import { fill, h, say } from "./dom.js";
import { whole } from "./scan.js";
import { clock, spaced, turnedAway, units } from "./words.js";

/** @param {import("./device.js").Device} device */
export function notBooked(device) {
  const section = h("section", { "aria-label": "Not booked", hidden: true });
  /** @param {string} [spoken] */
  const show = async (spoken) => {
    const open = await device.toSetRight();
    section.hidden = open.length === 0;
    const heading = h("h2", { tabindex: "-1" }, "Not booked");
    fill(section, heading, h("ul", { class: "lines" }, open.map(({ fact, why }) => one(fact, why))));
    if (spoken === undefined) return;
    say(spoken);
    (open.length === 0 ? document.querySelector("h1") : heading)?.focus();
  };

  function one(fact, why) {
    const title = [spaced(fact.kind), fact.subject, clock(fact.occurred)].filter(Boolean).join(" ");
    const fields = fact.lines?.map(({ sku, quantity }, at) => h("label", { class: "field" }, h("span", {}, device.item(sku)?.title ?? sku),
      h("input", { class: "number", id: `right-${fact.id}-${at}`, inputmode: "numeric", autocomplete: "off", value: quantity })));
    // Pressed twice it is done once.
    const once = (work) => async ({ currentTarget }) => {
      if (currentTarget.disabled) return;
      currentTarget.disabled = true;
      try {
        await work();
      } finally {
        currentTarget.disabled = false;
      }
    };
    const again = once(async () => {
      const left = await device.setRight(fact, fields?.map((field) => whole(field.querySelector("input").value)) ?? []);
      await show(left > 0 ? "Turned away once more" : `Booked: ${title}`);
    });
    const aside = once(async () => {
      await device.putAside(fact);
      await show(`Put aside: ${title}`);
    });
    return h("li", { class: "line is-odd" },
      h("div", { class: "line-head" }, h("h3", {}, title), h("p", { class: "badge" }, "Turned away")),
      h("p", { class: "odd-text" }, turnedAway(why)),
      fields !== undefined && h("div", { class: "fields" }, fields),
      h("div", { class: "fields" },
        h("button", { class: "quiet", type: "button", "aria-label": `Book again: ${title}`, click: again }, "Book again"),
        h("button", { class: "quiet", type: "button", "aria-label": `Put aside: ${title}`, click: aside }, "Put aside")));
  }

  show();
  return section;
}

/** Says that some of what was told is not booked, and leads there. @param {number} count */
export function showNotBooked(count) {
  location.hash = "#/";
  say(`${units(count, "fact")} of it not booked: see why`, "odd");
}
