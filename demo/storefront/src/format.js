/** Numbers, money and moments as people read them. */

const LOCALE = "en-GB";

/** @param {string} currency An ISO 4217 code. */
export function formats(currency) {
  const money = new Intl.NumberFormat(LOCALE, { style: "currency", currency });
  const minor = 10 ** (money.resolvedOptions().maximumFractionDigits ?? 2);
  const number = new Intl.NumberFormat(LOCALE);
  // The retailer's stores keep one time; the page shows theirs and not that of the visitor.
  const timeZone = "UTC";
  const clock = new Intl.DateTimeFormat(LOCALE, { timeZone, hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(LOCALE, { timeZone, weekday: "short", day: "numeric", month: "short" });
  const moment = new Intl.DateTimeFormat(LOCALE, { timeZone, dateStyle: "long", timeStyle: "short" });
  const date = (/** @type {number} */ millis) => Math.floor(millis / 86_400_000);

  const dayOf = (/** @type {number} */ millis, /** @type {number} */ now) => ["today", "tomorrow"][date(millis) - date(now)] ?? day.format(millis);

  return {
    /** Money in minor units. @param {number} amount */
    money: (amount) => money.format(amount / minor),
    /** @param {number} count */
    number: (count) => number.format(count),
    /** @param {number} millis */
    moment: (millis) => moment.format(millis),
    /**
     * A day as seen from a moment: "today", "tomorrow", "Thu 4 Jan".
     *
     * @param {number} millis
     * @param {number} now
     */
    day: (millis, now) => dayOf(millis, now),
    /**
     * A moment as seen from another: "14:30 today", "09:00 tomorrow", "09:00, Thu 4 Jan".
     *
     * @param {number} millis
     * @param {number} now
     */
    when: (millis, now) => `${clock.format(millis)}${date(millis) - date(now) > 1 ? "," : ""} ${dayOf(millis, now)}`,
  };
}

/** @typedef {ReturnType<typeof formats>} Formats */

/**
 * "1 store", "2 stores".
 *
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${new Intl.NumberFormat(LOCALE).format(count)} ${count === 1 ? one : many}`;
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * "a", "a and b", "a, b and c".
 *
 * @param {readonly string[]} words
 */
export function listed(words) {
  return new Intl.ListFormat(LOCALE, { style: "long", type: "conjunction" }).format(words);
}
