/**
 * Sentences for people, made from codes and numbers. The templates are plain data: give your own to speak another language.
 */
import type { Offer, OpenException, Refused, RequestRefused } from "./types.js";

export type Templates = Readonly<Record<string, string>>;

export const ENGLISH: Templates = {
  malformed: "{field} is {problem}.",
  id_conflict: "This id was used before for something else.",
  over_limit: "That is over the limit {limit} of {max}.",
  fact_only: "A {kind} can only be reported, not asked for.",
  quantity_is_zero: "Nothing is asked for on line {line}.",
  reason_missing: "A reason is needed.",
  already_expired: "The hold would have ended before it began.",
  unknown_node: "{node} is not a known node.",
  unknown_sku: "{sku} is not a known item.",
  period_closed: "The books of this period are closed.",
  out_of_order: "{subject} has moved since: ask again with the present moment.",
  not_ended: "The hold of line {line} has not ended.",
  claim_not_open: "Line {line} is {status}.",
  claim_elsewhere: "Line {line} is claimed at {node}.",
  claim_too_small: "Line {line} has {claimed}, not {requested}.",
  insufficient: "Not enough in stock.",
  shortage: "{sku} at {location}: {available} available, {requested} asked for.",
  deficit: "{sku} at {location} is {quantity}: more left than the book had.",
  received_before_shipped: "{sku}: units of transfer {location} arrived before they were known to have left.",
  overcommitted: "{sku} at {location} is promised {quantity} more times than there are units.",
  out_of_order_move: "{subject}, line {line}: {quantity} moved without a claim.",
  count_variance: "{sku} at {location}: a count found {quantity} against the book.",
  reason_due: "Event {id} of {source} came without its reason.",
  prior_period: "Event {id} of {source} belongs to a closed period.",
  too_old: "Event {id} of {source} is too old to be told from a duplicate.",
  off_line: "{node} is off line.",
  not_capable: "{node} does not offer this way of delivery.",
  no_lane: "Nothing goes from {node} to this destination.",
  no_stock: "{node} has none free.",
  too_late: "From {node} it would arrive too late.",
  not_needed: "{node} could help, but a plan with it costs at least {money}.",
  other_node: "{node} is another node.",
  unmet: "{quantity} of {sku} cannot be had: {available} in reach.",
};

/** A refusal in a sentence or, for several shortages, one each. */
export function explainRefusal(refused: Refused | RequestRefused, templates: Templates = ENGLISH): string {
  if (refused.code !== "insufficient") return fill(templates, refused.code, { ...refused });
  const lines = refused.shortages.map((shortage) => fill(templates, "shortage", { ...shortage }));
  return [fill(templates, "insufficient", {}), ...lines].join(" ");
}

export function explainException(exception: OpenException, templates: Templates = ENGLISH): string {
  return fill(templates, exception.code, { ...exception });
}

/** Why a node is not in an offer. `money` formats minor units. */
export function explainPassed(
  passed: Offer["passed"][number],
  money: (minor: number) => string = String,
  templates: Templates = ENGLISH,
): string {
  return fill(templates, passed.check, { ...passed, money: money(passed.number) });
}

function fill(templates: Templates, code: string, facts: Readonly<Record<string, unknown>>): string {
  const template = Object.hasOwn(templates, code) ? (templates[code] as string) : code;
  return template
    .split(/(\{[a-z]+\})/)
    .map((part) => (part.startsWith("{") && part.endsWith("}") ? String(facts[part.slice(1, -1)] ?? "") : part))
    .join("");
}
