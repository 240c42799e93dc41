/**
 * What a product page says of an item: a word of schema.org, the `Offer` that search engines read, "only 3 left" and
 * "order within 2 hr 10 min". Pure functions over what the engine answers; nothing here asks a clock.
 */
import { invalid } from "./errors.js";
import { decimal, minorDigits } from "./money.js";
import { plain, type Speaker } from "./speaker.js";
import type { Atp, Availability, Millis, Money, Offer, Quantity } from "./types.js";

export { plain, speaker, type Speaker, type SpeakerOptions } from "./speaker.js";

/** Members of https://schema.org/ItemAvailability that follow from stock. */
export type ItemAvailability =
  | "BackOrder" | "Discontinued" | "InStock" | "InStoreOnly" | "LimitedAvailability" | "OnlineOnly" | "OutOfStock" | "PreOrder" | "SoldOut";

/** Units that are few enough to be told, unless said otherwise. */
export const FEW = 5;

/** How an item stands for one buyer. A channel that is not given is not spoken of. */
export interface Standing {
  /** The moment of the page. */
  readonly now: Millis;
  /** At the nodes that ship to the buyer; an empty list when it is not sold on line. */
  readonly shipped?: readonly Availability[];
  /** In the shops; an empty list when no shop has it in its range. */
  readonly inStore?: readonly Availability[];
  /** When units come that orders are taken for: see `nextSupply`. */
  readonly restock?: Millis;
  /** The first moment at which the item may be handed over. */
  readonly launch?: Millis;
  /** What comes after the last unit: `ended` when the item was in the range and is not made any more, `single` when it was made only once. */
  readonly life?: "ended" | "single";
  /** When few are few. */
  readonly scarcity?: Scarcity;
}

/** When a count is told, and in what. */
export interface Scarcity {
  /** The largest count that is told, in the unit that is told; `FEW` unless said. No answer ever has a larger one. */
  readonly few?: Quantity;
  /** The unit that is told: `each` unless said, or `gram`, `liter`, `meter` and others that `Intl.NumberFormat` has a sign for. */
  readonly unit?: string;
  /** Base units of the item in one of it: 6 for a pack of six, 1000 for a kilogram kept in grams; 1 unless said. */
  readonly per?: Quantity;
}

/** In the unit that is told: a part of a pack is no pack, at each node. */
interface Counts {
  readonly shipped: number;
  readonly inStore: number;
  readonly all: number;
  readonly takesOrders: boolean;
}

/**
 * The rules, the first that holds. What the words mean is said at https://schema.org/ItemAvailability; that a pre-order is of something
 * not released yet, and a back order of something that was and will be again, is as Google Merchant Center's attribute
 * `availability` tells them apart (https://support.google.com/merchants/answer/6324448).
 */
const RULES: readonly (readonly [ItemAvailability, (counts: Counts, item: Standing) => boolean])[] = [
  ["PreOrder", ({ all, takesOrders }, { now, launch }) => launch !== undefined && now < launch && (all > 0 || takesOrders)],
  // Nothing for sale on line, but in a shop: who orders would get none, so this goes before scarcity.
  ["InStoreOnly", ({ shipped, inStore }, item) => item.shipped !== undefined && shipped === 0 && inStore > 0],
  ["LimitedAvailability", ({ all }, { scarcity }) => unitsLeft(all, { ...scarcity, per: 1 }) !== undefined],
  ["OnlineOnly", ({ shipped, inStore }, item) => item.inStore !== undefined && inStore === 0 && shipped > 0],
  ["InStock", ({ all }) => all > 0],
  ["BackOrder", ({ takesOrders }) => takesOrders],
  ["Discontinued", (_, { life }) => life === "ended"],
  ["SoldOut", (_, { life }) => life === "single"],
  ["OutOfStock", () => true],
];

/**
 * The word for how an item stands.
 *
 * Units beyond the shelf count as a back order: dated supply (`restock`), or room that the item's backorder limit leaves at a node.
 */
export function itemAvailability(item: Standing): ItemAvailability {
  const per = checked(item.scarcity?.per ?? 1, "per", 1);
  const shipped = sum(item.shipped, per);
  const inStore = sum(item.inStore, per);
  const takesOrders = item.restock !== undefined || [...(item.shipped ?? []), ...(item.inStore ?? [])].some((one) => room(one) >= per);
  const counts = { shipped, inStore, all: shipped + inStore, takesOrders };
  const rule = RULES.find(([, holds]) => holds(counts, item));
  return rule?.[0] ?? "OutOfStock";
}

/** The first moment after `now` at which one of the answers of `atp` has something to promise. */
export function nextSupply(answers: readonly Atp[], now: Millis): Millis | undefined {
  const moments = answers.flatMap(({ buckets }) => buckets.filter(({ time, available }) => time > now && available > 0).map(({ time }) => time));
  return moments.length === 0 ? undefined : moments.reduce((one, other) => Math.min(one, other));
}

/**
 * Whole units that are left, when they are few enough to be told; otherwise undefined, and nobody learns how many there are.
 * A part of a unit is not counted.
 */
export function unitsLeft(available: Quantity, { few = FEW, per = 1 }: Scarcity = {}): number | undefined {
  const left = Math.floor(available / checked(per, "per", 1));
  return left > 0 && left <= checked(few, "few", 0) ? left : undefined;
}

/** The words of a page, to be translated; what a translation does not have yet is said in English. */
export interface WebSentences {
  /** `amount` is `left` in words of the language: `3`, `350 g`. */
  readonly few_left: (facts: { readonly left: number; readonly amount: string }, say: Speaker) => string;
  /** Until when to order. */
  readonly order_within: (facts: { readonly span: string }, say: Speaker) => string;
}

/** The two sentences in English. */
export const WEB_ENGLISH: WebSentences = {
  few_left: ({ amount }) => `only ${amount} left`,
  order_within: ({ span }) => `order within ${span}`,
};

/** "only 3 left", or undefined when there are none or more than few. */
export function fewLeft(
  available: Quantity, scarcity: Scarcity = {}, say: Speaker = plain(), { few_left = WEB_ENGLISH.few_left }: Partial<WebSentences> = WEB_ENGLISH,
): string | undefined {
  const left = unitsLeft(available, scarcity);
  if (left === undefined) return undefined;
  return few_left({ left, amount: say.measure(left, scarcity.unit ?? "each") }, say);
}

/**
 * "order within 2 hr 10 min", from the last moment at which an order still makes the promise. Never more than there is: seconds are cut off,
 * and in the last minute, which nobody can use, it is undefined as it is afterwards.
 */
export function orderWithin(
  cutOff: Millis, now: Millis, say: Speaker = plain(), { order_within = WEB_ENGLISH.order_within }: Partial<WebSentences> = WEB_ENGLISH,
): string | undefined {
  const span = cutOff - now;
  return span >= MINUTE ? order_within({ span: say.duration(span) }, say) : undefined;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
/** The last moment that a date can hold. */
const TIME_MAX = 8_640_000_000_000_000;

/** What a page knows of an offer. */
export interface PageOffer {
  /** The word of schema.org. */
  readonly availability: ItemAvailability;
  /** The moment of the page. */
  readonly now: Millis;
  /** From when the item is to be had: `launch` or `restock`. Told of a pre-order and a back order only, and only while it is to come. */
  readonly from?: Millis;
  /** What it costs. */
  readonly price?: Money;
  /** ISO 4217; needed with `price` and with `shippingRate`. */
  readonly currency?: string;
  /** What the engine's `promise` offered: says how long it takes. Nodes, quantities and costs of it are never told. */
  readonly promise?: Offer;
  /** What the buyer pays for delivery, which is not what it costs. */
  readonly shippingRate?: Money;
  /** A `DefinedRegion`, as `{ addressCountry: "DE", postalCode: "10115" }`. */
  readonly destination?: Readonly<Record<string, string>>;
}

/** An amount with its unit, or a span of amounts. */
export interface QuantitativeValue {
  /** The word of schema.org. */
  readonly "@type": "QuantitativeValue";
  /** The least. */
  readonly minValue: number;
  /** The most. */
  readonly maxValue: number;
  /** By UN/CEFACT: `HUR` hours, `DAY` days. */
  readonly unitCode: "HUR" | "DAY";
}

/** An https://schema.org/Offer, with what the engine knows of it; the page adds its own. */
export interface OfferFragment {
  /** The word of schema.org. */
  readonly "@type": "Offer";
  /** The address of the word. */
  readonly availability: `https://schema.org/${ItemAvailability}`;
  /** From when on it is available, in ISO 8601. */
  readonly availabilityStarts?: string;
  /** The price as a decimal. */
  readonly price?: string;
  /** ISO 4217. */
  readonly priceCurrency?: string;
  /** The word for pick-up at a store. */
  readonly availableDeliveryMethod?: "https://schema.org/OnSitePickup" | "https://schema.org/ParcelService";
  /** From the order until it leaves, or can be picked up. */
  readonly deliveryLeadTime?: QuantitativeValue;
  /** How long handling and transit take. */
  readonly shippingDetails?: {
    readonly "@type": "OfferShippingDetails";
    readonly shippingDestination?: Readonly<Record<string, string>>;
    readonly shippingRate?: { readonly "@type": "MonetaryAmount"; readonly value: string; readonly currency: string };
    readonly deliveryTime: {
      readonly "@type": "ShippingDeliveryTime";
      readonly handlingTime: QuantitativeValue;
      readonly transitTime: QuantitativeValue;
    };
  };
}

/**
 * The JSON-LD of an offer.
 *
 * Times are those of the promise, from the quickest to the slowest parcel, in whole hours or days and rounded up: what is told is never
 * sooner than what was promised. A promise that leaves something out tells no times.
 */
export function offerFragment(page: PageOffer): OfferFragment {
  const { availability, now, from, price, currency, promise } = page;
  const later = availability === "PreOrder" || availability === "BackOrder";
  return {
    "@type": "Offer",
    availability: `https://schema.org/${availability}`,
    ...(later && from !== undefined && !(from <= now) ? { availabilityStarts: iso(from) } : {}),
    ...(price === undefined ? {} : { price: amount(price, currency, "price"), priceCurrency: currency as string }),
    ...(promise === undefined || promise.shipments.length === 0 || promise.unmet.length > 0 ? {} : delivery(page, promise)),
  };
}

/** The fragment as the text of a `<script type="application/ld+json">`: no text in it can end the script. */
export function jsonLd(fragment: object): string {
  return JSON.stringify({ "@context": "https://schema.org", ...fragment }).replaceAll("<", "\\u003c");
}

function delivery({ now, currency, shippingRate, destination }: PageOffer, { shipments }: Offer): Partial<OfferFragment> {
  // The engine answers by pick-up or by parcels, never with both. What is ready can be picked up in opening hours.
  const collected = shipments.every(({ method }) => method === undefined);
  const lead = shipments.map(({ releaseBy, arriveBy }) => (collected ? arriveBy : releaseBy) - now);
  const deliveryLeadTime = range(lead, HOUR, "HUR");
  if (collected) {
    return { availableDeliveryMethod: "https://schema.org/OnSitePickup", deliveryLeadTime };
  }
  return {
    availableDeliveryMethod: "https://schema.org/ParcelService",
    deliveryLeadTime,
    shippingDetails: {
      "@type": "OfferShippingDetails",
      ...(destination === undefined ? {} : { shippingDestination: { "@type": "DefinedRegion", ...destination } }),
      ...(shippingRate === undefined ? {} : {
        shippingRate: { "@type": "MonetaryAmount", value: amount(shippingRate, currency, "shippingRate"), currency: currency as string },
      }),
      deliveryTime: {
        "@type": "ShippingDeliveryTime",
        handlingTime: range(lead, DAY, "DAY"),
        transitTime: range(shipments.map(({ releaseBy, arriveBy }) => arriveBy - releaseBy), DAY, "DAY"),
      },
    },
  };
}

function range(spans: readonly Millis[], unit: number, unitCode: "HUR" | "DAY"): QuantitativeValue {
  const counts = spans.map((span) => Math.max(0, Math.ceil(span / unit)));
  return { "@type": "QuantitativeValue", minValue: Math.min(...counts), maxValue: Math.max(...counts), unitCode };
}

function amount(minor: Money, currency: string | undefined, path: string): string {
  if (currency === undefined) throw invalid("currency", `is needed with \`${path}\``);
  if (!Number.isSafeInteger(minor)) throw invalid(path, "is not a whole number of minor units", minor);
  return decimal(minor, minorDigits(currency));
}

function iso(moment: Millis): string {
  if (!(Math.abs(moment) <= TIME_MAX)) throw invalid("from", "is not a moment", moment);
  return new Date(moment).toISOString();
}

function sum(list: readonly Availability[] = [], per: Quantity): number {
  return list.reduce((total, { available }) => total + Math.floor(available / per), 0);
}

/** Units that claims may still go up by beyond what is sellable, where the item's terms let them: `available` alone does not say it. */
function room({ sellable, withheld, claimed, protected: held, backorderLimit }: Availability): number {
  return backorderLimit > 0 ? sellable - withheld - claimed - held + backorderLimit : 0;
}

function checked(value: number, path: string, least: number): number {
  if (!Number.isSafeInteger(value) || value < least) throw invalid(path, `is not a whole number from ${least}`, value);
  return value;
}
