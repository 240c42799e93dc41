/** What a scanner types: a GTIN, or a GS1 element string or Digital Link with batch, expiry and count. */

/**
 * @typedef {object} Barcode
 * @property {string} code The GTIN without leading zeros, or the text as it is.
 * @property {string} [lot] (10)
 * @property {number} [expires] The end of the day of (15) or (17), as milliseconds.
 * @property {number} [count] (30) or (37)
 */

/**
 * What follows the first two digits of an application identifier that has no separator after it, by GS1's table of predefined lengths. All
 * others end at a separator.
 */
const FIXED = new Map([
  ["00", 18], ["01", 14], ["02", 14], ["03", 14], ["04", 16], ["20", 2], ["41", 14],
  ...["11", "12", "13", "14", "15", "16", "17", "18", "19"].map((date) => [date, 6]),
  ...["31", "32", "33", "34", "35", "36"].map((measure) => [measure, 8]),
]);
/** The most that those may have which are asked for. */
const MOST = { 10: 20, 30: 8, 37: 8 };
const SEPARATOR = "\u001d";
/** What a batch and a count may consist of: GS1's character set 82, and digits. */
const LOT = /^[!"%-?A-Z_a-z]{1,20}$/;
const COUNT = /^\d{1,8}$/;
/** The longest address that is looked at. A QR code holds no more. */
const LINK_MOST = 4_296;

/**
 * @param {string} scanned
 * @returns {Barcode}
 */
export function read(scanned) {
  // Scanners may say which symbol it was: ]C1 and the like.
  const text = scanned.trim().replace(/^\][A-Za-z][0-9]/, "");
  const parts = text.startsWith("(") ? bracketed(text) : /^https?:\/\//i.test(text) ? link(text) : elements(text);
  const gtin = parts?.get("01") ?? parts?.get("02");
  if (parts === undefined || gtin === undefined || !isGtin(gtin)) return { code: plain(text) };
  const [lot, date, count] = [parts.get("10"), parts.get("17") ?? parts.get("15"), parts.get("37") ?? parts.get("30")];
  // Half a label is none: what has a batch or a count that cannot be is not booked without it.
  if ((lot !== undefined && !LOT.test(lot)) || (count !== undefined && !COUNT.test(count))) return { code: plain(text) };
  const expires = date === undefined ? undefined : endOfDay(date);
  return {
    code: plain(gtin),
    ...(lot !== undefined && { lot }),
    ...(expires !== undefined && { expires }),
    ...(count !== undefined && { count: Number(count) }),
  };
}

/**
 * Whether the last digit is the check digit of those before it.
 *
 * @param {string} gtin
 */
export function isGtin(gtin) {
  if (!/^\d{8,14}$/.test(gtin)) return false;
  const digits = [...gtin].map(Number).reverse();
  return digits.reduce((sum, digit, at) => sum + digit * (at % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

/** @param {string} text */
function plain(text) {
  return /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, "") : text;
}

/** @param {string} text As people write it: (01)04006381333931(17)260930 */
function bracketed(text) {
  const parts = new Map([...text.matchAll(/\((\d{2})\)([^(]*)/g)].map(([, identifier, value]) => [identifier, value.trim()]));
  return parts.size > 0 ? parts : undefined;
}

/**
 * A GS1 Digital Link on any domain: pairs of identifier and value at the end of the path, a GTIN or a pallet's number first, and behind the
 * question mark. What stands before them is the domain's own.
 *
 * @param {string} text
 */
function link(text) {
  if (text.length > LINK_MOST) return undefined;
  try {
    const { pathname, search } = new URL(text);
    const path = pathname.replace(/\/$/, "").split("/").slice(1).map(decodeURIComponent);
    const key = path.findLastIndex((part, at) => (part === "01" || part === "00") && (path.length - at) % 2 === 0);
    if (key < 0) return undefined;
    const asked = search.slice(1).split(/[&;]/).map((pair) => pair.split("=", 2).map(decodeURIComponent));
    const pairs = path.slice(key).flatMap((identifier, at, all) => (at % 2 === 0 ? [[identifier, all[at + 1]]] : []));
    // The path comes last, so that nothing behind it takes its place.
    return new Map([...asked.filter(([, value]) => value !== undefined), ...pairs]);
  } catch {
    // No address, or a percent sign with nothing behind it.
    return undefined;
  }
}

/** @param {string} text As scanners type it. Undefined when it is no element string. */
function elements(text) {
  if (!/^(00|01|02)\d{14}/.test(text) || text.length <= 14) return undefined;
  const parts = new Map();
  let rest = text;
  while (rest !== "") {
    const identifier = rest.slice(0, 2);
    const fixed = FIXED.get(identifier);
    const end = fixed === undefined ? rest.indexOf(SEPARATOR) : 2 + fixed;
    const value = rest.slice(2, end < 0 ? undefined : end);
    if (fixed === undefined ? value.length > (MOST[identifier] ?? 90) : value.length !== fixed) return undefined;
    parts.set(identifier, value);
    rest = end < 0 ? "" : rest.slice(end).replace(new RegExp(`^${SEPARATOR}`), "");
  }
  return parts;
}

/** @param {string} date YYMMDD; day 00 is the last of its month. */
function endOfDay(date) {
  const [year, month, day] = [0, 2, 4].map((at) => Number(date.slice(at, at + 2)));
  const last = new Date(2000 + year, month, 0).getDate();
  if (!/^\d{6}$/.test(date) || month < 1 || month > 12 || day > last) return undefined;
  return new Date(2000 + year, month - 1, day === 0 ? last : day, 23, 59, 59, 999).getTime();
}
