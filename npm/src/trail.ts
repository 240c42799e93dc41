/// <reference lib="esnext.disposable" preserve="true" />
import type { RawTrail } from "./binding.js";
import { Book } from "./book.js";
import { invalid, OnhandError } from "./errors.js";
import type { CommandOutcome, FactOutcome, Kind, Line, Millis, Money, OnhandEvent, OpenException, Quantity } from "./types.js";
import { camel, event as readEvent, type Fields, integer, join, KINDS, list, money, MONEY_MAX, name, oneOf, parts, QUANTITY_MAX, shape, text, time, TIME_MAX } from "./wire.js";
import { Words } from "./words.js";

/** What may be done without approval, and who may approve the rest. */
export interface ApprovalPolicy {
  /** The first rule that fits an event decides. A kind that no rule names is not guarded. */
  readonly rules: readonly ApprovalRule[];
  /** Roles that may grant and refuse; everybody else than the requester unless said. */
  readonly approvers?: readonly string[];
  /** By how much the moment of a guarded intent may differ from when the trail hears of it; any unless said. */
  readonly skewMs?: Millis;
}

/** A row of the table of limits. Parts that are not said fit everything, limits that are not said do not limit. */
export interface ApprovalRule {
  /** What refusals call it. */
  readonly name: string;
  /** The kinds that it is about. Its limits are on all that this rule decides, together. */
  readonly kinds: readonly Kind[];
  /** The role of the actor. */
  readonly role?: string;
  /** The reason. */
  readonly reason?: string;
  /** The node. */
  readonly node?: string;
  /** For how long one person's events at one node count together. */
  readonly windowMs: Millis;
  /** The most units of one item, either way. */
  readonly units?: Quantity;
  /** The most value of all items, either way. */
  readonly value?: Money;
  /** The largest part of an item's stock at the node, in parts per million of what was on hand before. */
  readonly sharePpm?: number;
  /** How many events. */
  readonly times?: number;
}

/** Where a request for approval stands. */
export type ApprovalStatus = "requested" | "granted" | "refused" | "withdrawn" | "used" | "expired";

/** A request for approval and what became of it. */
export interface Approval {
  /** Its name: the subject of its events. */
  readonly name: string;
  /** Where it stands. */
  readonly status: ApprovalStatus;
  /** The kind of event that it is for. */
  readonly kind: Kind;
  /** The node that it is for. */
  readonly node?: string;
  /** The reason that it is for. */
  readonly reason?: string;
  /** Who asked. */
  readonly requester: string;
  /** Who granted or refused it. */
  readonly decidedBy?: string;
  /** From when on it is of no use. */
  readonly expires?: Millis;
  /** What was asked and is not done yet. */
  readonly left: readonly Line[];
}

/** Why an intent needs an approval, or why an approval does not allow it. */
export type ApprovalRefused =
  | { readonly ok: false; readonly code: "approval_needed"; readonly kind: Kind }
  | {
      readonly ok: false; readonly code: "over_approval_limit"; readonly rule: string; readonly limit: "units" | "value" | "share" | "times";
      readonly node: string; readonly sku?: string; readonly max: number; readonly found: number;
    }
  | { readonly ok: false; readonly code: "value_missing"; readonly rule: string; readonly sku: string }
  | { readonly ok: false; readonly code: "approval_unknown"; readonly approval: string }
  | { readonly ok: false; readonly code: "approval_not_open"; readonly approval: string; readonly status: ApprovalStatus }
  | { readonly ok: false; readonly code: "self_approval"; readonly actor: string }
  | { readonly ok: false; readonly code: "not_approver"; readonly role?: string }
  | { readonly ok: false; readonly code: "not_requester"; readonly requester: string }
  | { readonly ok: false; readonly code: "not_covered"; readonly approval: string; readonly field: string }
  | { readonly ok: false; readonly code: "over_returned"; readonly order: string; readonly line: string; readonly requested: number; readonly allowed: number }
  | { readonly ok: false; readonly code: "wrong_moment"; readonly recorded: Millis; readonly skewMs: Millis }
  | { readonly ok: false; readonly code: "approval_out_of_order"; readonly latest: Millis };

/** An event that went beyond its limits without approval. */
export interface Due {
  /** Who said the event. */
  readonly source: string;
  /** Its id. */
  readonly id: number | string;
  /** What it went beyond. */
  readonly problem: ApprovalRefused;
}

/** How far a log goes: its last entry and that entry's seal. Kept elsewhere, it proves all before it. */
export interface LogHead {
  /** Entries of the log. */
  readonly entries: number;
  /** SHA-256 in hexadecimal. */
  readonly seal: string;
}

/** What the book answered. A refusal comes with its code. */
export type Verdict = "fact" | "intent" | "replayed" | { readonly refused: string } | { readonly turnedAway: string };

/** One entry of a log: keep them in their order, as JSON if you like. */
export interface LogEntry {
  /** Its place in the log, from 1. */
  readonly number: number;
  /** As it was told; `recorded` is when the entry was written. */
  readonly event: OnhandEvent;
  /** What the book answered. */
  readonly verdict: Verdict;
  /** SHA-256 over the seal of the entry before and all the rest of this one. */
  readonly seal: string;
}

/** What was done to a log since it was written; `entry` is the first at which it shows. */
export type Fault =
  | { readonly ok: false; readonly code: "edited" | "repeated" | "rewritten"; readonly entry: number }
  | { readonly ok: false; readonly code: "gap" | "cut"; readonly entry: number; readonly through: number }
  | { readonly ok: false; readonly code: "swapped"; readonly entry: number; readonly found: number };

/** What a history is about: an order, transfer or approval; one line of it; an item at a node. */
export type About =
  | { readonly subject: string }
  | { readonly subject: string; readonly line: string }
  | { readonly sku: string; readonly node: string };

/** An open exception: since when it is open, who has taken it on, and what it puts at stake. */
export interface ExceptionLife {
  /** The subject of `exception_assign` and `exception_resolve`. */
  readonly id: string;
  /** The contradiction. */
  readonly exception: OpenException;
  /** Where it stands. */
  readonly status: "open" | "assigned" | "resolved" | "reopened";
  /** Who took it on last: the actor of the assignment. */
  readonly assignee?: string;
  /** When it was raised first in its period, or when that period began; not said of what the log began with. */
  readonly since?: Millis;
  /** How much it matters. */
  readonly severity: "low" | "medium" | "high" | "critical";
  /** Its units at the cost that was given; absent without a cost. */
  readonly value?: Money;
}

/** Transfers from one node to another, in base units. */
export interface Lane {
  /** Where they left; absent for what arrived and is not known to have left. */
  readonly from?: string;
  /** Where they go, by the latest word. */
  readonly to?: string;
  /** Whose goods they bring, where they are not the company's. */
  readonly owner?: string;
  /** How many transfers; one that brings goods of several owners is one of each. */
  readonly transfers: number;
  /** Units that left. */
  readonly shipped: Quantity;
  /** Units that arrived. */
  readonly received: Quantity;
  /** Of those received, units that arrived unfit for sale. */
  readonly damaged: Quantity;
  /** Units that were explained as lost, less those that were found again. */
  readonly lost: Quantity;
  /** Units that left, have not arrived and are not explained. */
  readonly missing: Quantity;
  /** Those of them whose transfer was due before the moment of the question. */
  readonly overdue: Quantity;
  /** Units that arrived and are not known to have left. */
  readonly over: Quantity;
}

/** An order line from its sale to its return, in base units. */
export interface SoldLine {
  /** Units that left for the customer, less cancelled shipments. */
  readonly sold: Quantity;
  /** Units that came back. */
  readonly returned: Quantity;
  /** Units that are for sale again: graded so, or for the order released or marked down later, less those set aside for it. */
  readonly resold: Quantity;
  /** Units that came back beyond what was sold. */
  readonly overReturned: Quantity;
  /** Units that may still be refunded. */
  readonly refundable: Quantity;
  /** Units that may still be put up for sale again. */
  readonly resellable: Quantity;
}

/** More of an order line would be refunded than was sold of it. */
export interface OverReturned {
  /** It may not be refunded. */
  readonly ok: false;
  /** More than was sold. */
  readonly code: "over_returned";
  /** The order. */
  readonly order: string;
  /** The order line. */
  readonly line: string;
  /** Units that were asked for. */
  readonly requested: Quantity;
  /** Units that may be refunded. */
  readonly allowed: Quantity;
}
/** It may be done. */
export type Allowed = { readonly ok: true };

/** From where a trail goes on, and what it holds people to. */
export interface TrailStart {
  /** Nothing is guarded unless said. */
  readonly policy?: ApprovalPolicy;
  /** The head of the log when the engine's book was as it is; the beginning of all unless said. */
  readonly start?: LogHead;
}

/**
 * The trail beside a book: what it was told and what it answered, each entry sealed with SHA-256; and what people may do alone.
 *
 * Tell it facts and intents instead of telling the engine. Its book is `trail.book`, for all readings. What is written to the engine
 * itself is in no log.
 *
 * ```ts
 * const trail = new Trail(await createEngine(), { policy: { rules: [
 *   { name: "clerk-adjusts", kinds: ["adjust"], windowMs: 86_400_000, units: 5 },
 * ] } });
 * trail.apply(receipt, Date.now());
 * const refused = trail.execute(adjustment, Date.now()); // { ok: false, code: "over_approval_limit", limit: "units", max: 5, found: 8, … }
 * const kept = trail.entries();                          // plain data; keep it, and its head elsewhere
 * const again = Trail.read(await createEngine(), kept, { known: trail.head() });
 * ```
 */
export class Trail<B extends Book = Book> {
  /** The engine that it stands beside. */
  readonly book: B;
  readonly #raw: RawTrail;

  /** A trail of an engine from here on. */
  constructor(book: B, options: TrailStart = {}) {
    if (!(book instanceof Book)) throw invalid("book", "is no engine");
    const { numbers, names } = beginning(START(options, "") as TrailStart);
    this.book = book;
    this.#raw = book.__beside((raw, binding) => new binding.Trail(raw, numbers, names));
  }

  /**
   * A trail from the entries that were kept, told to an engine with the book as it stood at their start. They are held against their
   * seals, and against a head that was kept elsewhere. Nothing is told when there is a fault.
   */
  static read<B extends Book>(book: B, entries: readonly LogEntry[], options: TrailStart & { readonly known?: LogHead } = {}): Trail<B> | Fault {
    const { known, ...start } = parts(options);
    const trail = new Trail(book, start);
    list((value, path, key) => {
      const { number, event, verdict, seal } = ENTRY(value, path, key) as { number: number; event: object; verdict: Verdict; seal: string };
      const [place, code] = typeof verdict === "string" ? [VERDICTS.indexOf(verdict), ""]
        : "refused" in verdict ? [3, verdict.refused] : [4, verdict.turnedAway];
      const text = JSON.stringify(event);
      trail.#call((raw) => raw.hand_in(number, text, place, code, seal));
    }, ENTRIES_MAX)(entries, "entries");
    const { numbers, names } = head(known, "known");
    const answer = trail.#answer((raw, engine) => raw.read(engine, numbers, names)) as { readonly ok: true } | Fault;
    if (answer.ok) return trail;
    trail.free();
    return answer;
  }

  /** Posts a fact, as `Engine.apply`, and writes down what became of it at the moment `recorded`. */
  apply(fact: OnhandEvent, recorded: Millis): FactOutcome {
    const [text, moment] = [JSON.stringify(readEvent(fact, "")), time(recorded, "recorded")];
    return this.#answer((raw, engine) => raw.apply(engine, text, moment)) as FactOutcome;
  }

  /** Holds an intent against the policy, then asks for it as `Engine.execute`. A refusal changes nothing and is in the log. */
  execute(command: OnhandEvent, recorded: Millis): CommandOutcome | ApprovalRefused {
    const [text, moment] = [JSON.stringify(readEvent(command, "")), time(recorded, "recorded")];
    return this.#answer((raw, engine) => raw.execute(engine, text, moment)) as CommandOutcome | ApprovalRefused;
  }

  /** The number and seal of the last entry. */
  head(): LogHead {
    return this.#answer((raw) => raw.head()) as LogHead;
  }

  /** The entries behind a number, at most so many, in the order in which they were written. */
  entries(page: { readonly after?: number; readonly most?: number } = {}): readonly LogEntry[] {
    const { after = 0, most = 100_000 } = parts(page);
    const [from, count] = [integer(0, Number.MAX_SAFE_INTEGER)(after, "after") as number, integer(1, ENTRIES_MAX)(most, "most") as number];
    return this.#answer((raw) => raw.entries(from, count)) as LogEntry[];
  }

  /** Holds every entry against its seal, and the log against a head that was kept elsewhere. The first fault, or the head. */
  verify(known?: LogHead): ({ readonly ok: true } & LogHead) | Fault {
    const { numbers, names } = head(known, "known");
    return this.#answer((raw) => raw.verify(numbers, names)) as ({ readonly ok: true } & LogHead) | Fault;
  }

  /** An engine with the book as it was known at a moment: the entries recorded until then. */
  knownThen(moment: Millis): B {
    const at = time(moment, "moment");
    return this.book.__another(this.#call((raw) => raw.book_at(at, true)));
  }

  /** An engine with the book of a moment as it is known now: all that occurred until then, whenever it was recorded. */
  knownNow(moment: Millis): B {
    const at = time(moment, "moment");
    return this.book.__another(this.#call((raw) => raw.book_at(at, false)));
  }

  /** The entries about an order, a line of it or an item at a node, accepted or not, in the order in which they count. */
  history(about: About): readonly LogEntry[] {
    const copy = { ...parts(about) } as object;
    const form = "sku" in copy ? 2 : "line" in copy ? 1 : 0;
    const [one = "", other = one] = Object.values((ABOUT[form] as typeof ABOUT[0])(copy, "") as object) as string[];
    const [first, second] = form === 2 && Object.keys(copy)[0] === "node" ? [other, one] : [one, other];
    return this.#answer((raw) => raw.history(form, first, second)) as LogEntry[];
  }

  /** Every exception that is open at a moment and its life, what matters most first. `costs` of a unit give the value at stake. */
  lives(query: { readonly now: Millis; readonly costs?: readonly { readonly sku: string; readonly node?: string; readonly cost: Money }[] }): readonly ExceptionLife[] {
    const { now, costs = [] } = LIVES(query, "") as { now: number; costs?: { sku: string; node?: string; cost: number }[] };
    const words = new Words();
    const { numbers, names } = words.list(costs, ({ sku, node, cost }) => words.name(sku).name(node).number(cost));
    return this.#answer((raw, engine) => raw.lives(engine, now, numbers, names)) as ExceptionLife[];
  }

  /** What was sent against what arrived, by lane and owner. */
  lanes(query: { readonly now: Millis }): readonly Lane[] {
    const now = time(parts(query).now, "now");
    return this.#answer((raw) => raw.lanes(now)) as Lane[];
  }

  /** What an order line was sold and what came back of it. */
  soldLine(query: { readonly order: string; readonly line: string }): SoldLine {
    const asked = parts(query);
    const [order, line] = [name(asked.order, "order"), name(asked.line, "line")];
    const [sold, returned, resold, overReturned, refundable, resellable] = this.#call((raw) => raw.sold_line(order, line)) as unknown as
      [number, number, number, number, number, number];
    return { sold, returned, resold, overReturned, refundable, resellable };
  }

  /** Whether so many units of an order line may be refunded: no more than came back of what was sold. */
  mayRefund(query: { readonly order: string; readonly line: string; readonly units: Quantity }): Allowed | OverReturned {
    const asked = parts(query);
    const [order, line] = [name(asked.order, "order"), name(asked.line, "line")];
    const units = integer(0, QUANTITY_MAX)(asked.units, "units") as number;
    return this.#answer((raw) => raw.may_refund(order, line, units)) as Allowed | OverReturned;
  }

  /**
   * Whether a `grade`, or for an order a `release_hold` or `mark_down` of what was graded otherwise, puts nothing up for sale that came back
   * beyond what was sold. Ask before `execute`; what is refused needs an approval.
   */
  mayResell(intent: OnhandEvent): Allowed | OverReturned {
    const text = JSON.stringify(readEvent(intent, ""));
    return this.#answer((raw) => raw.may_resell(text)) as Allowed | OverReturned;
  }

  /** How an approval stands at a moment; undefined when nobody has asked for it. */
  approval(query: { readonly name: string; readonly now: Millis }): Approval | undefined {
    const asked = parts(query);
    const [approval, now] = [name(asked.name, "name"), time(asked.now, "now")];
    return (this.#answer((raw) => raw.approval(approval, now)) as Approval | null) ?? undefined;
  }

  /** What went beyond its limits without approval. */
  due(): readonly Due[] {
    return this.#answer((raw) => raw.due()) as Due[];
  }

  /** Gives the memory of the log back, not that of the book. */
  free(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.#raw.free();
  }

  [Symbol.dispose](): void {
    this.free();
  }

  #freed = false;

  #answer(call: (raw: RawTrail, engine: Parameters<RawTrail["read"]>[0]) => string): unknown {
    return camel(JSON.parse(this.#call(call)));
  }

  #call<T>(call: (raw: RawTrail, engine: Parameters<RawTrail["read"]>[0]) => T): T {
    if (this.#freed) throw new OnhandError("engine_freed", "the trail was freed");
    return this.book.__beside((engine) => call(this.#raw, engine));
  }
}

const ENTRIES_MAX = 10_000_000;
/** In the order of the binding. */
const VERDICTS: readonly string[] = ["fact", "intent", "replayed"];
const limit = integer(0, MONEY_MAX);
const RULE: Fields = {
  name: text,
  kinds: list(oneOf(KINDS), KINDS.length),
  role: text,
  reason: text,
  node: text,
  windowMs: integer(0, TIME_MAX),
  units: limit,
  value: limit,
  sharePpm: limit,
  times: limit,
};
const POLICY = shape({ rules: list(shape(RULE, ["name", "kinds", "windowMs"]), 1_000), approvers: list(text, 1_000), skewMs: integer(0, TIME_MAX) }, ["rules"]);
const HEAD = shape({ entries: integer(0, Number.MAX_SAFE_INTEGER), seal }, ["entries", "seal"]);
const START = shape({ policy: POLICY, start: HEAD }, []);
const REFUSED = shape({ refused: text }, ["refused"]);
const TURNED_AWAY = shape({ turnedAway: text }, ["turnedAway"]);
const ENTRY = shape({
  number: integer(0, Number.MAX_SAFE_INTEGER),
  event: readEvent,
  verdict,
  seal,
}, ["number", "event", "verdict", "seal"]);
const ABOUT = [["subject"], ["subject", "line"], ["sku", "node"]].map((keys) => shape(Object.fromEntries(keys.map((key) => [key, text])), keys));
const COST = shape({ sku: text, node: text, cost: money }, ["sku", "cost"]);
const LIVES = shape({ now: time, costs: list(COST, 100_000) }, ["now"]);

function seal(value: unknown, path: string, key?: string | number): unknown {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) throw invalid(join(path, key), "is not a SHA-256 in hexadecimal", value);
  return value;
}

function verdict(value: unknown, path: string, key?: string | number): unknown {
  if (typeof value === "string") return oneOf(VERDICTS)(value, path, key);
  const copy = { ...parts(value as object) };
  return ("refused" in copy ? REFUSED : TURNED_AWAY)(copy, path, key);
}

function beginning({ policy = { rules: [] }, start = { entries: 0, seal: "0".repeat(64) } }: TrailStart): Words {
  const words = new Words();
  words.list(policy.rules, ({ name, kinds, role, reason, node, windowMs, units, value, sharePpm, times }) => {
    words.name(name).list(kinds, (kind) => words.number(KINDS.indexOf(kind))).name(role).name(reason).name(node);
    words.number(windowMs).number(units).number(value).number(sharePpm).number(times);
  });
  words.list(policy.approvers, (role) => words.name(role));
  return words.number(policy.skewMs).number(start.entries).name(start.seal);
}

function head(value: LogHead | undefined, path: string): Words {
  const known = value === undefined ? undefined : (HEAD(value, path) as LogHead);
  return new Words().number(known?.entries).name(known?.seal);
}
