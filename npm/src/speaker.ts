/** How numbers, money, moments and durations are said in a language: what every sentence is made with. */
import { decimal, minorDigits } from "./money.js";
import type { Millis, Money, Quantity } from "./types.js";

/** Every function takes what comes: a number that cannot be shown is shown as it is, and nothing throws. */
export interface Speaker {
  /** A count of units. */
  readonly units: (count: Quantity) => string;
  /** So many of a unit: `350 g`. A unit that the language has no sign for, such as `each`, is left out. */
  readonly measure: (count: Quantity, unit: string) => string;
  /** Minor units as an amount. */
  readonly money: (minor: Money) => string;
  /** A moment on the clocks of the zone, with the zone's name. */
  readonly time: (moment: Millis) => string;
  /** Whole minutes, cut off and never rounded up, in the two largest units that are not zero. */
  readonly duration: (span: Millis) => string;
  /** Which form of a word goes with a count. */
  readonly plural: (count: number) => Intl.LDMLPluralRule;
}

/** In which language, zone and currency numbers are said. */
export interface SpeakerOptions {
  /** BCP 47, as `de` or `en-GB`; `en` unless said. */
  readonly locale?: string;
  /** IANA zone of whoever reads, as `Europe/Berlin`; UTC unless said. The machine's own zone is never looked at. */
  readonly timeZone?: string;
  /** ISO 4217. Without it money is said in minor units. */
  readonly currency?: string;
}

const MINUTE = 60_000;
/** Minutes in each unit. */
const SPANS = [["day", 1_440], ["hour", 60], ["minute", 1]] as const;
/** The last moment that a date can hold. */
const TIME_MAX = 8_640_000_000_000_000;

/**
 * Makes a speaker: keep it, the making is the dear part.
 *
 * Throws a `RangeError`, as `Intl` does, for a locale, zone or currency that is none.
 */
export function speaker({ locale = "en", timeZone = "UTC", currency }: SpeakerOptions = {}): Speaker {
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 20 });
  const moment = new Intl.DateTimeFormat(locale, {
    timeZone, timeZoneName: "short", year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit",
  });
  const rules = new Intl.PluralRules(locale);
  const list = new Intl.ListFormat(locale, { type: "unit", style: "narrow" });
  const formats = new Map<string, Intl.NumberFormat>();
  const measure = (count: number, unit: string): string => {
    const format = formats.get(unit) ?? inUnits(locale, unit) ?? number;
    formats.set(unit, format);
    return format.format(count);
  };
  return {
    units: (count) => number.format(count),
    measure,
    money: currency === undefined ? (minor) => number.format(minor) : moneyIn(locale, currency),
    time: (at) => (Math.abs(at) <= TIME_MAX ? moment.format(at) : String(at)),
    duration: (span) => list.format(parts(span).map(([count, unit]) => measure(count, unit))),
    plural: (count) => rules.select(count),
  };
}

let plainOne: Speaker | undefined;

/** English, UTC, money in minor units: for logs and for whoever says nothing else. */
export function plain(): Speaker {
  return (plainOne ??= speaker());
}

function moneyIn(locale: string, currency: string): Speaker["money"] {
  const digits = minorDigits(currency);
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  return (minor) => format.format(decimal(minor, digits) as Intl.StringNumericLiteral);
}

/** `Intl` knows a short list of units, and `each` is not of them. */
function inUnits(locale: string, unit: string): Intl.NumberFormat | undefined {
  try {
    return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" });
  } catch {
    return undefined;
  }
}

/** The two largest units that are not zero, or no minutes at all. */
function parts(span: Millis): [number, string][] {
  let minutes = Math.max(0, Math.floor(span / MINUTE)) || 0;
  const counted = SPANS.map(([unit, size]): [number, string] => {
    const count = Math.floor(minutes / size);
    minutes -= count * size;
    return [count, unit];
  });
  const some = counted.filter(([count]) => count > 0);
  return some.length === 0 ? [[0, "minute"]] : some.slice(0, 2);
}
