/** What the page says of an oddity, and the reasons that people give. Codes are those of the package. */

/** @param {number} count @param {string} one */
export const units = (count, one = "piece") => `${count} ${one}${count === 1 ? "" : "s"}`;

const days = (millis) => units(Math.max(0, Math.floor(millis / 86_400_000)), "day");

/** @type {Record<string, (finding: { units: number, limit: number }) => string>} */
const ODD = {
  no_order: () => "Nobody ordered this. It is put aside.",
  wrong_item: () => "Not on this order. It is put aside.",
  over: ({ units: surplus, limit }) => `${surplus} more than the ${limit} that may be accepted. They are put aside.`,
  short: ({ units: missing, limit }) => `${missing} of ${limit} have not come.`,
  pack_mistaken: ({ units: scanned, limit }) => `${scanned} scanned, ${limit} expected: cases taken for pieces, or pieces for cases?`,
  broken_pack: ({ units: rest, limit }) => `${units(rest)} beyond full cases of ${limit}.`,
  unknown_pack: () => "This order knows no such pack.",
  lot_missing: () => "Which batch? It stands on the pack as (10) or LOT.",
  expiry_missing: () => "Until when is it good? It stands on the pack as (15), (17) or BEST BEFORE.",
  life_too_short: ({ units: left, limit }) => (left <= 0 ? "It has expired." : `Good for ${days(left)} more; ${days(limit)} were agreed.`),
  damaged: ({ units: count }) => `${units(count)} damaged.`,
};

/** @param {{ oddity: string, units: number, limit: number }} finding */
export const odd = (finding) => ODD[finding.oddity]?.(finding) ?? `${finding.oddity}: ${finding.units}, ${finding.limit}`;

/** A code as it is shown: a web address or a whole label would push all else off a phone. @param {string} code */
const shown = (code) => {
  const signs = [...code];
  return signs.length <= 40 ? code : `${signs.slice(0, 24).join("")}…${signs.slice(-8).join("")}`;
};

/** What the page says of a code that it does not know. @param {string} code @param {boolean} isRight Whether its check digit is. */
export const unknown = (code, isRight) => (!isRight && /^\d{8,14}$/.test(code) ? `${code} was misread: its last digit does not fit. Scan it once more.` : `${shown(code)} is no barcode of ours.`);

/** Reasons by oddity: the code that is kept with the fact, and what people read. */
export const REASONS = {
  no_order: [["unannounced", "Came without notice"], ["other_store", "Meant for another store"], ["unclear", "I do not know"]],
  wrong_item: [["mixed_up", "Supplier mixed it up"], ["replacement", "Sent as a replacement"], ["other_store", "Meant for another store"]],
  over: [["sent_more", "Supplier sent more"], ["ordered_later", "Ordered after the fact"], ["unclear", "I do not know"]],
  pack_mistaken: [["counted_twice", "Counted twice, it is right"], ["pack_changed", "The pack has changed"]],
  broken_pack: [["opened", "A case was open"], ["pack_changed", "The pack has changed"]],
  unknown_pack: [["pack_changed", "The pack has changed"], ["unclear", "I do not know"]],
  lot_missing: [["not_printed", "None is on the pack"], ["unreadable", "Cannot be read"]],
  expiry_missing: [["not_printed", "None is on the pack"], ["unreadable", "Cannot be read"]],
  life_too_short: [["old_stock", "Supplier sent old stock"], ["late", "It was too long on its way"]],
  damaged: [["crushed", "Crushed"], ["leaking", "Leaking"], ["wet", "Wet"], ["cold_chain", "Not cold any more"]],
};

/** What becomes of what has not come. */
export const MISSING = [["follows", "It comes later"], ["will_not_come", "It will not come"]];

/** Why the book turned a fact away. @param {{ code: string, message: string }} why */
export const turnedAway = ({ code, message }) => ({ over_limit: "It is more than the book can hold.", id_conflict: "Its number was used for something else." })[code] ?? `Something in it cannot be: ${message}.`;

/** A code or kind as people read it. @param {string} code */
export const spaced = (code) => code.replaceAll("_", " ");

/** @param {number} moment */
export const clock = (moment) => new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" }).format(moment);

/** @param {number} millis */
export const duration = (millis) => {
  const minutes = Math.round(millis / 60_000);
  return minutes < 120 ? units(minutes, "minute") : minutes < 2_880 ? units(Math.round(minutes / 60), "hour") : units(Math.round(minutes / 1_440), "day");
};
