import { encodeDeal, reservation } from "./again.js";
import { decodeAtp, encodeAtp } from "./atp.js";
import type { Binding, RawEngine } from "./binding.js";
import { Book, Door, NameKind, type Names } from "./book.js";
import { invalid } from "./errors.js";
import { Promises, type Question } from "./promise.js";
import type {
  AcceptCommand, AcceptOutcome, Atp, AtpQuery, AvailableByNode, Deal, Dealt, Millis, Offer, PromiseRequest, PromisesPage, RequestRefused, Shipment, StockEvent,
} from "./types.js";
import { atpQuery as readAtp, deal as readDeal, page as readPage, request as readRequest } from "./asked.js";
import { name, NONE, parts, time } from "./wire.js";
import { Words } from "./words.js";

/** Nodes by their names, as they were listed last. */
interface NodesByName {
  /** Where the engine's columns have each. */
  readonly places: readonly number[];
  readonly names: readonly string[];
}

/** What was read of an item, good as long as the engine gives it the same stamp. */
interface Column {
  readonly stamp: number;
  readonly available: readonly number[];
}

const NOT_LISTED: NodesByName = { places: [], names: [] };
/** From here on a stamp counts the nodes that the book knows: it only ever knows more. */
const NODES_AT = 2 ** 29;

/** A book that also promises: what promising has in common with rules and without. */
export abstract class Promising extends Book {
  /** @internal */
  protected readonly promises: Promises;
  /** @internal */
  protected readonly names: Names;
  #nodes: NodesByName = NOT_LISTED;
  /** By the number of the item, where it is the same at every moment. */
  readonly #columns = new Map<number, Column>();

  /** @internal Made by `createEngine` and `restore`. */
  constructor(raw: RawEngine, module: WebAssembly.Module, binding: Binding) {
    super(raw, module, binding);
    this.names = { numberOf: (kind, name) => this.numberOf(kind, name), nameOf: (kind, number) => this.nameOf(kind, number) };
    this.promises = new Promises(binding.memory, raw.question_at(), this.names);
  }

  override load(snapshot: Uint8Array): void {
    super.load(snapshot);
    // Another snapshot may give other numbers.
    this.#nodes = NOT_LISTED;
    this.#columns.clear();
  }

  /**
   * How many units may be sold of an item at each node, or undefined when the book does not know the item: in columns, for a list of
   * stores or a map. The units are `available` of `availableEverywhere`, and many times faster.
   */
  availableByNode(query: { readonly sku: string; readonly now: number }): AvailableByNode | undefined {
    const asked = parts(query);
    const [sku, now] = [this.numberOf(NameKind.Sku, name(asked.sku, "sku")), time(asked.now, "now")];
    if (sku === NONE) return undefined;
    const stamp = this.call((raw) => raw.item_stamp(sku));
    const kept = this.#columns.get(sku);
    if (kept?.stamp === stamp) return { nodes: this.#nodes.names, available: kept.available.slice() };
    if (this.#nodes.names.length !== Math.floor(stamp / NODES_AT)) this.#nodes = this.#listNodes();
    const at = this.call((raw) => raw.available_by_node(sku, now)) / 8;
    if (at === 0) return undefined;
    const { places, names } = this.#nodes;
    const words = this.promises.numbers();
    const available = places.map((place) => words[at + 1 + place] as number);
    if (words[at] === 1) this.#columns.set(sku, { stamp, available: available.slice() });
    return { nodes: names, available };
  }

  #listNodes(): NodesByName {
    const first = this.call((raw) => raw.nodes_by_name()) / 8 + 1;
    const words = this.promises.numbers();
    const count = words[first - 1] as number;
    const names = Array.from(words.slice(first, first + count), (number) => this.nameOf(NameKind.Node, number) ?? "");
    return { places: Array.from(this.promises.numbers().subarray(first + count, first + 2 * count)), names: Object.freeze(names) };
  }

  /**
   * What can be promised of an item at a node from each moment on, by a rule, and which moment binds. Undefined when the book knows
   * the item or the node not.
   */
  atp(query: AtpQuery): Atp | undefined {
    const read = readAtp(query, "") as AtpQuery;
    const words = this.ask(Door.Atp, encodeAtp(read)) as number[];
    return words.length === 0 ? undefined : decodeAtp(read.rule?.flavour ?? "look_ahead", words);
  }

  /**
   * The order lines that are promised, a page at a time, each with what the stock still covers of it and when: after a late receipt, a
   * short pick or a count these are the promises to keep, to improve or to tell about.
   */
  openPromises(query: { readonly now: number; readonly after?: PromisesPage["next"]; readonly most?: number }): PromisesPage {
    const { now, after, most = 1_000 } = readPage(query, "") as typeof query;
    return this.ask(Door.OpenPromises, new Words().name(after?.subject).name(after?.line).number(most).number(now)) as PromisesPage;
  }

  /** Deals out anew what there is of an item at a node, on hand and to come, among order lines by their strategies. Commits nothing. */
  redistribute(deal: Deal): { readonly ok: true; readonly dealt: readonly Dealt[] } | RequestRefused {
    const read = readDeal(deal, "") as Deal;
    const answer = this.ask(Door.Redistribute, encodeDeal(read));
    if (typeof answer !== "string") return { ok: true, dealt: answer as Dealt[] };
    const named = { unknown_sku: { sku: read.sku }, unknown_node: { node: read.node } }[answer];
    return { ok: false, code: answer, ...named } as RequestRefused;
  }

  /** @internal Accepts an offer, or refuses it with a fresh one: one that was `asked` for under rules only where it is made again. */
  protected accepted(command: AcceptCommand, offer: Offer, afresh: (now: Millis) => Offer | RequestRefused, asked?: Millis): AcceptOutcome {
    const lines = reservation(offer);
    if (lines.length === 0) return { ok: false, code: "nothing_offered" };
    const reserve: StockEvent = { ...parts(command), kind: "reserve", lines };
    const now = reserve.occurred;
    if (asked !== undefined && "event" in this.decide(reserve)) {
      const fresh = afresh(now);
      const late = ({ arriveBy }: Shipment, at: number) => arriveBy - now > (offer.shipments[at]?.arriveBy ?? 0) - asked;
      if (fresh.ok && (JSON.stringify(reservation(fresh)) !== JSON.stringify(lines) || fresh.shipments.some(late))) return { ok: false, code: "offer_changed", fresh };
    }
    const outcome = this.execute(reserve);
    if (outcome.ok) return outcome;
    const fresh = afresh(now);
    return fresh.ok ? { ...outcome, fresh } : outcome;
  }

  /** @internal Asks a question that is answered in numbers. */
  protected offer(request: PromiseRequest, ask: (raw: RawEngine, length: number) => number): Offer | RequestRefused {
    const question = this.question(request);
    if ("ok" in question) return question;
    return this.promises.read(question, this.call((raw) => ask(raw, question.length)));
  }

  /** @internal Asks a question in numbers that is answered in text: an object, or the code of a refusal. */
  protected told<T>(request: PromiseRequest, ask: (question: Question) => unknown): T | RequestRefused {
    const question = this.question(request);
    if ("ok" in question) return question;
    const answer = ask(question);
    return (typeof answer === "string" ? { ok: false, code: answer } : { ok: true, ...(answer as object) }) as T | RequestRefused;
  }

  /** @internal Writes a question in numbers, or says what of it the book does not know. */
  protected question(request: PromiseRequest): Question | RequestRefused {
    const read = readRequest(request, "");
    const { zone, pickUp } = read.to;
    const to = zone ?? pickUp;
    if (to === undefined || (zone !== undefined && pickUp !== undefined)) throw invalid("to", "needs a zone or a node to pick up at");
    const place = this.numberOf(zone === undefined ? NameKind.Node : NameKind.Word, to);
    if (zone === undefined && place === NONE) return { ok: false, code: "unknown_node", node: to };
    return this.promises.write(read, place, zone === undefined);
  }
}
