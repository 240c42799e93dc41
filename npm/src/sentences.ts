/** The sentences by code, each with the facts that it may speak of. A translation is another table of the same type. */
import type { Speaker } from "./speaker.js";
import type { ApprovalRefused, Fault } from "./trail.js";
import type {
  AtpBucket, Certainty, Check, Dealt, ExceptionCode, LineCertainty, LosingClaim, Offer, OfferLine, OpenException, OpenPromise, Refused,
  Remedy, RemedyKind, RequestRefused, Shipment, Shortage, Try,
} from "./types.js";

/** An exception has the fields that its code needs; which those are, the code says. */
type ExceptionFacts = Required<OpenException>;

/** What a remedy changes: the node and, of a supply, its name and when it would have to be there. */
export interface RemedyFacts {
  readonly node: string;
  readonly sku: string;
  readonly supply: string;
  readonly due: number;
}

/** Facts behind each code. */
export type Facts =
  & { readonly [R in Exclude<Refused | RequestRefused, { code: "unknown_node" | "unknown_sku" }> as R["code"]]: R }
  & { readonly [R in Exclude<ApprovalRefused, { code: "over_returned" }> as R["code"]]: R }
  & { readonly [F in Fault as `log_${F["code"]}`]: F }
  & { readonly [C in Exclude<ExceptionCode, "unknown_node" | "unknown_sku">]: ExceptionFacts }
  & { readonly [C in Check]: Offer["passed"][number] }
  & { readonly [K in `remedy_${RemedyKind}`]: Remedy & RemedyFacts }
  & {
    readonly unknown_node: { readonly node: string };
    readonly unknown_sku: { readonly sku: string };
    /** A fact that waits for its item or node to be known. */
    readonly waits_for_node: ExceptionFacts;
    readonly waits_for_sku: ExceptionFacts;
    readonly shortage: Shortage;
    /** `over_returned` as a refusal: more is asked for than came back of what was sold. */
    readonly beyond_returned: Extract<ApprovalRefused, { code: "over_returned" }>;
    readonly losing_claim: LosingClaim;
    /** A parcel with all units in it, of whatever item. */
    readonly parcel: Shipment & { readonly method: string; readonly quantity: number };
    readonly pick_up: Shipment & { readonly quantity: number };
    readonly unmet: Offer["unmet"][number];
    readonly unmet_until: Required<Offer["unmet"][number]>;
    /** Units of an item that stand in for another. */
    readonly stands_in: OfferLine & { readonly asked: string; readonly node: string };
    readonly relaxed: NonNullable<Offer["relaxed"]>[number];
    /** `not_needed` under other goals than cost. */
    readonly not_better: Offer["passed"][number];
    readonly proven: Offer;
    readonly bounded: Offer;
    readonly nothing_offered: { readonly code: "nothing_offered" };
    readonly offer_changed: { readonly code: "offer_changed" };
    readonly certainty: Certainty;
    readonly line_certainty: LineCertainty & { readonly node: string };
    readonly try_node: Try & { readonly indexCost: number };
    readonly promise_kept: Required<OpenPromise>;
    readonly promise_short: OpenPromise;
    /** `units` is what the line gets. */
    readonly dealt: Dealt & { readonly units: number };
    readonly dealt_exception: Dealt & { readonly units: number };
    readonly atp_bucket: AtpBucket;
    /** Below zero: `short` more are needed than there are. */
    readonly atp_short: AtpBucket & { readonly short: number };
  };

/** A sentence for each code: a translation is another table of this type. */
export type Sentences = { readonly [Code in keyof Facts]: (facts: Facts[Code], say: Speaker) => string };

const goods = (sku: string, owner?: string) => (owner === undefined ? sku : `${sku} of ${owner}`);

/** The sentences in English. */
export const ENGLISH: Sentences = {
  malformed: ({ field, problem }) => `${field} is ${problem}.`,
  id_conflict: () => "This id was used before for something else.",
  over_limit: ({ limit, max }, { units }) => `That is over the limit ${limit} of ${units(max)}.`,
  fact_only: ({ kind }) => `A ${kind} can only be reported, not asked for.`,
  quantity_is_zero: ({ line }) => `Nothing is asked for on line ${line}.`,
  reason_missing: () => "A reason is needed.",
  state_not_allowed: ({ sku, state }) => `${sku} is not moved this way in the state ${state}.`,
  already_expired: ({ expires }, { time }) => `The hold would have ended before it began, at ${time(expires)}.`,
  unknown_node: ({ node }) => `${node} is not a known node.`,
  unknown_sku: ({ sku }) => `${sku} is not a known item.`,
  period_closed: ({ closedThrough }, { time }) => `The books are closed through ${time(closedThrough)}.`,
  out_of_order: ({ subject }) => `${subject} has moved since: ask again with the present moment.`,
  not_ended: ({ line, expires }, { time }) =>
    expires === undefined ? `The hold of line ${line} has no end.` : `The hold of line ${line} ends at ${time(expires)}.`,
  claim_not_open: ({ line, status }) => `Line ${line} is ${status}.`,
  claim_elsewhere: ({ line, sku, node, owner }) => `Line ${line} claims ${goods(sku, owner)} at ${node}.`,
  lot_withheld: ({ sku, lot }) => `Lot ${lot} of ${sku} is recalled or has expired.`,
  claim_too_small: ({ line, claimed, requested }, { units }) => `Line ${line} has ${units(claimed)}, not ${units(requested)}.`,
  insufficient: () => "Not enough in stock.",
  shortage: ({ sku, location, owner, available, requested }, { units }) =>
    `${goods(sku, owner)} at ${location}: ${units(available)} available, ${units(requested)} asked for.`,
  no_lines: () => "Nothing is asked for.",
  too_many_lines: () => "There are too many lines.",
  quantity_not_positive: () => "A quantity is not above zero.",
  out_of_range: () => "A number is out of range.",

  approval_needed: ({ kind }) => `A ${kind} needs an approval.`,
  over_approval_limit: ({ rule, limit, node, sku, max, found }, say) =>
    `${measured(limit, found, say)}${of(sku)} at ${node} is over the limit of ${measured(limit, max, say)} without an approval${by(rule)}.`,
  value_missing: ({ rule, sku }) => `The value of ${sku} has to be said${by(rule)}.`,
  approval_unknown: ({ approval }) => `Nobody has asked for the approval ${approval}.`,
  approval_not_open: ({ approval, status }) => `The approval ${approval} is ${status}.`,
  self_approval: ({ actor }) => `${actor} cannot approve what ${actor} asked for.`,
  not_approver: ({ role }) => (role === undefined ? "Approvals are for certain roles, and none was said." : `The role ${role} may not approve.`),
  not_requester: ({ requester }) => `That is for ${requester} to do, who asked.`,
  not_covered: ({ approval, field }) => `The approval ${approval} is for something else: ${field} differs.`,
  beyond_returned: ({ order, line, requested, allowed }, { units }) =>
    `${order}, line ${line}: ${units(allowed)} that came back of what was sold, not ${units(requested)}.`,
  wrong_moment: ({ recorded, skewMs }, { time, duration }) => `It is told at ${time(recorded)}: its own moment is further away than ${duration(skewMs)}.`,
  approval_out_of_order: ({ latest }, { time }) => `The approval has moved since, at ${time(latest)}: ask again with the present moment.`,

  log_edited: ({ entry }, { units }) => `Entry ${units(entry)} of the log is not what was sealed.`,
  log_repeated: ({ entry }, { units }) => `Entry ${units(entry)} of the log stands there once more, or was put in.`,
  log_rewritten: ({ entry }, { units }) => `The log was written anew up to entry ${units(entry)}: its seal is not the one that was kept.`,
  log_gap: ({ entry, through }, { units }) => `Entries ${units(entry)} to ${units(through)} of the log are missing.`,
  log_cut: ({ entry, through }, { units }) => `The log ends too early: entries ${units(entry)} to ${units(through)} are cut off.`,
  log_swapped: ({ entry, found }, { units }) => `In the place of entry ${units(entry)} of the log stands entry ${units(found)}.`,

  deficit: ({ sku, location, quantity }, { units }) => `${sku} at ${location} is ${units(quantity)}: more left than the book had.`,
  received_before_shipped: ({ sku, location }) => `${sku}: units of transfer ${location} arrived before they were known to have left.`,
  receipt_without_order: ({ sku, subject, quantity }, { units }) => `${units(quantity)} of ${sku} came under ${subject}, which nobody has announced.`,
  over_returned: ({ subject, line, quantity }, { units }) => `${subject}, line ${line}: ${units(quantity)} more came back than was sold.`,
  overcommitted: ({ sku, location, state, quantity }, { units }) =>
    state ? `${sku} at ${location}: ${units(quantity)} picked for orders and no longer there or fit.` : `${sku} at ${location} is promised ${units(quantity)} more times than there are units.`,
  out_of_order_move: ({ subject, line, quantity, id, source }, { units }) =>
    subject ? `${subject}, line ${line}: ${units(quantity)} moved without a claim.` : `Event ${id} of ${source} moved units in a state in which its kind does not.`,
  count_variance: ({ sku, location, quantity }, { units }) =>
    `${sku} at ${location}: a count found ${units(Math.abs(quantity))} ${quantity < 0 ? "fewer" : "more"} than the book had.`,
  reason_due: ({ id, source }) => `Event ${id} of ${source} came without its reason.`,
  prior_period: ({ id, source }) => `Event ${id} of ${source} belongs to a closed period.`,
  too_old: ({ id, source }) => `Event ${id} of ${source} is too old to be told from a duplicate.`,
  waits_for_node: ({ id, source, location }) => `Event ${id} of ${source} waits until the node ${location} is known.`,
  waits_for_sku: ({ id, source, sku }) => `Event ${id} of ${source} waits until the item ${sku} is known.`,
  losing_claim: ({ ledger, subject, line, units: count }, { units }) =>
    `The ${ledger} ${subject} loses ${units(count)} on line ${line}: the stock does not cover it any more.`,

  other_node: ({ node }) => `${node} is another node.`,
  off_line: ({ node }) => `${node} is off line.`,
  not_capable: ({ node }) => `${node} does not offer this way of delivery.`,
  no_lane: ({ node }) => `Nothing goes from ${node} to this destination.`,
  no_stock: ({ node }) => `${node} has none free.`,
  too_late: ({ node, number }, { time }) => `From ${node} it would arrive at ${time(number)}, too late.`,
  protected: ({ node, sku, number, rule }, { units }) => `${node} keeps ${units(number)}${of(sku)} back${by(rule)}.`,
  no_hours: ({ node }) => `${node} has no hours for this order.`,
  no_carrier: ({ node }) => `No carrier goes from ${node} to this destination.`,
  excluded: ({ node, sku, rule }) => `${node} is not to be used${to(sku)}${by(rule)}.`,
  not_selected: ({ node, sku, rule }) => `${node} is not one of the nodes to be used${to(sku)}${by(rule)}.`,
  too_far: ({ node, number, rule }, { units }) =>
    number < 0 ? `It is not known how far away ${node} is${by(rule)}.` : `${node} is too far away: ${units(number)} m${by(rule)}.`,
  no_capacity: ({ node, rule }) => `${node} can take no more${by(rule)}.`,
  cooling_down: ({ node, sku, number, rule }, { time }) =>
    `${node} turned orders${to(sku)} down and is not asked until ${time(number)}${by(rule)}.`,
  below_minimum: ({ node, sku, number, rule }, { units }) => `${node} has only ${units(number)}${of(sku)}${by(rule)}.`,
  short_life: ({ node, sku, number, rule }, { units }) => `${units(number)}${of(sku)} at ${node} do not live long enough${by(rule)}.`,
  not_launched: ({ sku, number, rule }, { time }) => `${sku ?? "It"} is for sale from ${time(number)} on${by(rule)}.`,
  ruled_out: ({ node, sku, rule }) => `${node} was turned down${to(sku)}${by(rule)}.`,
  stands_in: ({ node, sku, asked, quantity }, { units }) => `${node} sends ${units(quantity)} of ${sku} for ${asked}.`,
  relaxed: ({ rule, units: count, saves }, { units, money }) =>
    `The rule ${rule} does not hold: with it, ${units(count)} fewer could be had${saves > 0 ? `, at ${money(saves)} more` : ""}.`,
  not_needed: ({ node, number }, { money }) => `${node} could help, but a plan with it costs at least ${money(number)}.`,
  not_better: ({ node }) => `${node} could help, but no plan with it is better.`,

  parcel: ({ node, method, quantity, releaseBy, arriveBy }, say) =>
    `${say.units(quantity)} ${one(quantity, say, "unit", "units")} from ${node} by ${method}: out by ${say.time(releaseBy)}, there by ${say.time(arriveBy)}.`,
  pick_up: ({ node, quantity, arriveBy }, say) =>
    `${say.units(quantity)} ${one(quantity, say, "unit", "units")} to pick up at ${node} from ${say.time(arriveBy)}.`,
  unmet: ({ sku, quantity, available }, { units }) => `${units(quantity)} of ${sku} cannot be had: ${units(available)} in reach.`,
  unmet_until: ({ sku, quantity, available, earliest }, { units, time }) =>
    `${units(quantity)} of ${sku} cannot be had: ${units(available)} in reach, the first at ${time(earliest)}.`,
  proven: ({ cost, unmet, reached }, { money }) =>
    `The plan costs ${money(cost)}${missing(unmet)}, and no plan${reached ? " that is as good" : ""} costs less.`,
  bounded: ({ cost, bound, unmet }, { money }) =>
    `The plan costs ${money(cost)}${missing(unmet)}; no plan costs less than ${money(bound)}.`,

  nothing_offered: () => "There is nothing in the offer to accept.",
  offer_changed: () => "What was offered is not offered any more; there is another offer.",
  certainty: ({ ppm, expectedCost }, { units, money }) =>
    `All of it is found with a probability of ${units(ppm / 10_000)} %; with what failing costs, the plan is expected to cost ${money(expectedCost)}.`,
  line_certainty: ({ sku, node, onHand, toCome, record, claimed, ppm }, { units }) =>
    `${units(onHand + toCome)} of ${sku} at ${node}: ${units(ppm / 10_000)} %, with ${units(record)} in the book and ${units(claimed)} claimed by others.`,
  try_node: ({ node, ppm, indexCost }, { units, money }) =>
    `${node} has it with a probability of ${units(ppm / 10_000)} %: to have it from there costs ${money(indexCost)}, tried until it is found.`,
  promise_kept: ({ subject, line, units: count, sku, node, ready }, { units, time }) =>
    `Line ${line} of ${subject} is covered: ${units(count)} of ${sku} at ${node} from ${time(ready)} on.`,
  promise_short: ({ subject, line, units: count, covered, sku, node }, { units }) =>
    `Line ${line} of ${subject} is not covered: ${units(covered)} of ${units(count)} of ${sku} at ${node} are left for it.`,
  dealt: ({ subject, line, held, units: count }, { units }) =>
    count === held ? `Line ${line} of ${subject} keeps ${units(count)}.` : `Line ${line} of ${subject} goes from ${units(held)} to ${units(count)}.`,
  dealt_exception: ({ subject, line, strategy, held, wanted, units: count }, { units }) => strategy === "win"
    ? `Line ${line} of ${subject} was to get ${units(wanted)} in any case and gets ${units(count)}.`
    : `Line ${line} of ${subject} was to keep ${units(Math.min(held, wanted))} and keeps ${units(count)}.`,
  remedy_units: ({ size, node, cost }, say) =>
    `${say.units(size)} ${one(size, say, "unit", "units")} more at ${node} would have been enough, for ${say.money(cost)}.`,
  remedy_supply_earlier: ({ size, supply, node, due, cost }, { duration, time, money }) =>
    `${supply} would have had to be at ${node} ${duration(size)} earlier, at ${time(due)}, for ${money(cost)}.`,
  remedy_needed_later: ({ size, cost }, { duration, money }) => `${duration(size)} later it could be there, for ${money(cost)}.`,
  remedy_asked_earlier: ({ size, cost }, { duration, money }) => `Ordered ${duration(size)} earlier it could have been there, for ${money(cost)}.`,
  remedy_line_split: ({ cost }, { money }) => `Lines from several nodes would have been enough, for ${money(cost)}.`,
  remedy_ship_complete: ({ cost }, { money }) => `Without everything or nothing it could be had, for ${money(cost)}.`,
  remedy_nodes_max: ({ cost }, { money }) => `More parcels would have been enough, for ${money(cost)}.`,
  remedy_consolidate: ({ cost }, { money }) => `In parcels that wait for all of their units it could be had, for ${money(cost)}.`,
  remedy_methods: ({ cost }, { money }) => `Another way of delivery would have been enough, for ${money(cost)}.`,
  remedy_horizon: ({ cost, arriveBy }, { money, time }) =>
    `Supply of a later date would have been enough, for ${money(cost)}${arriveBy === undefined ? "" : ` and there by ${time(arriveBy)}`}.`,
  remedy_on_line: ({ node, cost }, { money }) => `${node} could have it if it were on line, for ${money(cost)}.`,
  remedy_unprotected: ({ node, sku, cost }, { money }) => `What is held back of ${sku} at ${node} would have been enough, for ${money(cost)}.`,

  atp_bucket: ({ time: from, available, bindsAt }, { units, time }) =>
    `From ${time(from)} on ${units(available)} can be promised: what is due by ${time(bindsAt)} binds.`,
  atp_short: ({ time: from, short, bindsAt }, { units, time }) =>
    `From ${time(from)} on none can be promised: ${units(short)} short by ${time(bindsAt)}.`,
};

/** A limit of an approval policy, and what it is held against. */
function measured(limit: Facts["over_approval_limit"]["limit"], found: number, { units, money }: Speaker): string {
  if (limit === "value") return money(found);
  if (limit === "share") return `${units(found / 10_000)} %`;
  return limit === "times" ? `${units(found)} times` : units(found);
}

function of(sku: string | undefined): string {
  return sku === undefined ? "" : ` of ${sku}`;
}

function to(sku: string | undefined): string {
  return sku === undefined ? "" : ` for ${sku}`;
}

function by(rule: string | undefined): string {
  return rule === undefined ? "" : ` (rule ${rule})`;
}

function one(count: number, { plural }: Speaker, single: string, many: string): string {
  return plural(count) === "one" ? single : many;
}

/** A plan's cost has the policy's price of what is missing in it: without a word about it the number would mislead. */
function missing(unmet: Offer["unmet"]): string {
  return unmet.length === 0 ? "" : ", the price of what is missing included";
}
