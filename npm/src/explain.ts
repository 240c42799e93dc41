/**
 * Sentences for people, made from codes and numbers. The answers hold no prose: what is said, and in which language, is decided
 * here, by a `Speaker` for the numbers and a table of `Sentences` for the words.
 */
import { ENGLISH, type Facts, type Sentences } from "./sentences.js";
import { plain, type Speaker } from "./speaker.js";
import type { ApprovalRefused, Fault } from "./trail.js";
import type {
  AtpBucket, Dealt, LosingClaim, Offer, OpenException, OpenPromise, Refused, Remedy, RequestRefused, Shipment, SureOffer, Tries,
} from "./types.js";

export { ENGLISH, type Facts, type Sentences } from "./sentences.js";
export { plain, speaker, type Speaker, type SpeakerOptions } from "./speaker.js";

/** A command that names what is not known is refused; a fact waits, and its exception says so in words of its own. */
const WAITS: Readonly<Partial<Record<OpenException["code"], keyof Facts>>> = {
  unknown_node: "waits_for_node",
  unknown_sku: "waits_for_sku",
};

/** A refusal in a sentence or, for several shortages, one each: of an intent, a question, an offer to accept, or for want of an approval. */
export function explainRefusal(
  refused: Refused | RequestRefused | ApprovalRefused | { readonly code: "nothing_offered" | "offer_changed" }, say: Speaker = plain(), sentences: Sentences = ENGLISH,
): string {
  if (refused.code === "over_returned") return sentence("beyond_returned", refused, say, sentences);
  const first = sentence(refused.code, refused, say, sentences);
  if (refused.code !== "insufficient") return first;
  return [first, ...refused.shortages.map((shortage) => sentence("shortage", shortage, say, sentences))].join(" ");
}

/** What was done to a log since it was written. */
export function explainFault(fault: Fault, say: Speaker = plain(), sentences: Sentences = ENGLISH): string {
  return sentence(`log_${fault.code}`, fault, say, sentences);
}

/** What contradicts the book, in a sentence. */
export function explainException(exception: OpenException, say: Speaker = plain(), sentences: Sentences = ENGLISH): string {
  return sentence(Object.hasOwn(WAITS, exception.code) ? (WAITS[exception.code] as string) : exception.code, exception, say, sentences);
}

/** A claim that the stock no longer covers. */
export function explainLosingClaim(claim: LosingClaim, say: Speaker = plain(), sentences: Sentences = ENGLISH): string {
  return sentence("losing_claim", claim, say, sentences);
}

/** Why a node is not in an offer. */
export function explainPassed(passed: Offer["passed"][number], say: Speaker = plain(), sentences: Sentences = ENGLISH): string {
  return sentence(passed.check, passed, say, sentences);
}

/**
 * An offer, a sentence each: what comes from where and by when, what cannot be had, what it costs and whether that is the least, and why
 * the other nodes are not in it, as far as `explain` of the request asked for that. Or why the question cannot be looked at.
 */
export function explainOffer(offer: Offer | RequestRefused, say: Speaker = plain(), sentences: Sentences = ENGLISH): string[] {
  if (!offer.ok) return [explainRefusal(offer, say, sentences)];
  return [
    ...offer.shipments.map((shipment) =>
      sentence(shipment.method === undefined ? "pick_up" : "parcel", { ...shipment, quantity: unitsOf(shipment) }, say, sentences)),
    ...offer.shipments.flatMap(({ node, lines }) =>
      lines.flatMap((line) => (line.asked === undefined ? [] : [sentence("stands_in", { ...line, node }, say, sentences)]))),
    ...offer.unmet.map((unmet) => sentence(unmet.earliest === undefined ? "unmet" : "unmet_until", unmet, say, sentences)),
    sentence(offer.proven ? "proven" : "bounded", offer, say, sentences),
    ...(offer.relaxed ?? []).map((relaxed) => sentence("relaxed", relaxed, say, sentences)),
    // What a plan with another node measures is money only where cost alone is the goal.
    ...offer.passed.map((passed) => sentence(passed.check === "not_needed" && offer.reached ? "not_better" : passed.check, passed, say, sentences)),
  ];
}

/** How sure an offer is: all of it, then each item of each shipment. Or why the question cannot be looked at. */
export function explainCertainty(sure: SureOffer | RequestRefused, say: Speaker = plain(), sentences: Sentences = ENGLISH): string[] {
  if (!sure.ok) return [explainRefusal(sure, say, sentences)];
  const { offer, certainty } = sure;
  const lines = certainty.shipments.flatMap(({ lines }, at) => lines.map((line) => ({ ...line, node: offer.shipments[at]?.node ?? "" })));
  return [sentence("certainty", certainty, say, sentences), ...lines.map((line) => sentence("line_certainty", line, say, sentences))];
}

/** Where to look, a sentence for each node, in the order in which to look. Or why the question cannot be looked at. */
export function explainTries(found: Tries | RequestRefused, say: Speaker = plain(), sentences: Sentences = ENGLISH): string[] {
  if (!found.ok) return [explainRefusal(found, say, sentences)];
  const { tries, relaxed = [] } = found;
  return [
    ...tries.map((one) => sentence("try_node", one, say, sentences)),
    ...relaxed.map((one) => sentence("relaxed", one, say, sentences)),
  ];
}

/** What would have been enough. */
export function explainRemedy(remedy: Remedy, say: Speaker = plain(), sentences: Sentences = ENGLISH): string {
  const changed = Object.assign({ node: "", sku: "", supply: "", due: 0 }, ...(remedy.changes ?? []).flatMap((change) => Object.values(change)));
  const size = IN_TIME.has(remedy.kind) ? enough(remedy.size) : remedy.size;
  return sentence(`remedy_${remedy.kind}`, { ...changed, ...remedy, size }, say, sentences);
}

/** Remedies whose size is a span of time. */
const IN_TIME: ReadonlySet<string> = new Set(["supply_earlier", "needed_later", "asked_earlier"]);

/** A duration is said cut off, and a remedy that is cut off is not enough: up to the next whole minute or, from a day on, hour. */
function enough(span: number): number {
  const unit = span > 86_400_000 ? 3_600_000 : 60_000;
  return Math.ceil(span / unit) * unit;
}

/** Whether a promise is still covered. */
export function explainOpenPromise(promise: OpenPromise, say: Speaker = plain(), sentences: Sentences = ENGLISH): string {
  return sentence(promise.ready === undefined ? "promise_short" : "promise_kept", promise, say, sentences);
}

/** What an order line gets when its item is dealt out anew. */
export function explainDealt(dealt: Dealt, say: Speaker = plain(), sentences: Sentences = ENGLISH): string {
  const units = dealt.gets.reduce((sum, got) => sum + got.units, 0);
  return sentence(dealt.exception ? "dealt_exception" : "dealt", { ...dealt, units }, say, sentences);
}

/** What can be promised from a moment on, and which bucket binds. */
export function explainBucket(bucket: AtpBucket, say: Speaker = plain(), sentences: Sentences = ENGLISH): string {
  if (bucket.raw >= 0) return sentence("atp_bucket", bucket, say, sentences);
  return sentence("atp_short", { ...bucket, short: -bucket.raw }, say, sentences);
}

/**
 * The sentence of a code. A code that the table does not know, from a newer engine or in an unfinished translation, is said as the code with its
 * facts: better a dry answer than none.
 */
export function sentence(code: string, facts: object, say: Speaker = plain(), sentences: Sentences = ENGLISH): string {
  const make = Object.hasOwn(sentences, code) ? (sentences[code as keyof Facts] as ((facts: object, say: Speaker) => string) | undefined) : undefined;
  return make === undefined ? bare(code, facts, say) : make(facts, say);
}

function bare(code: string, facts: object, { units }: Speaker): string {
  const shown = Object.entries(facts).flatMap(([name, value]) => {
    if (name === "ok" || name === "code" || name === "check") return [];
    if (typeof value === "number") return [`${name} ${units(value)}`];
    return typeof value === "string" ? [`${name} ${value}`] : [];
  });
  return shown.length === 0 ? code : `${code} (${shown.join(", ")})`;
}

function unitsOf({ lines }: Shipment): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}
