import { decodeAtp, encodeAtp } from "./atp.js";
import { bind, type Binding, type RawEngine } from "./binding.js";
import { decodeCertainty, encodeRisk } from "./certainty.js";
import { EngineLostError, invalid, OnhandError } from "./errors.js";
import { Promises } from "./promise.js";
import { readBatch } from "./rows.js";
import type {
  Atp, AtpQuery, Availability, BatchOutcome, Change, CommandOutcome, Counterfactual, Decision, FactOutcome, LosingClaim, Offer,
  OnhandEvent, OpenException, Position, PromiseRequest, RequestRefused, Risk, SureOffer, Tries, Wish,
} from "./types.js";
import { VERSION } from "./version.js";
import { encodeChanges, type NumbersOf } from "./whatif.js";
import {
  atpQuery as readAtp, camel, event as readEvent, EVENTS_MAX, name, request as readRequest, time, wish as readWish,
} from "./wire.js";

const enum NameKind {
  Source = 0,
  Sku = 1,
  Node = 2,
  Word = 3,
  Supply = 4,
}

/** "No number": the name is not known to the book. */
const NONE = 0xffff_ffff;
const TEXT_MAX = 256 * 1024 * 1024;
const UTF8 = new TextEncoder();
/** Facts turned away that a batch lists. */
const TURNED_AWAY_MAX = 1_000;

interface Inner {
  raw: RawEngine | undefined;
  readonly memory: WebAssembly.Memory;
  /** The memory as numbers; anew when it has grown. */
  floats: Float64Array;
  lost: EngineLostError | undefined;
  lastVersion: number;
}

/**
 * A book of stock behind a handle. Facts go in by `apply`, intents by `execute`; everything else is a reading.
 *
 * Each engine has a WebAssembly instance of its own: what happens to one never reaches another. Free it when it is no longer
 * needed (`free`, or `using`).
 */
export class Engine {
  readonly #inner: Inner;
  readonly #numbers: readonly Map<string, number>[] = [new Map(), new Map(), new Map(), new Map()];
  readonly #names: readonly Map<number, string>[] = [new Map(), new Map(), new Map(), new Map(), new Map()];

  readonly #promises: Promises;

  /** Made by `createEngine` and `restore`. */
  private constructor(raw: RawEngine, memory: WebAssembly.Memory) {
    this.#inner = { raw, memory, floats: new Float64Array(memory.buffer), lost: undefined, lastVersion: raw.version() };
    this.#promises = new Promises(memory, raw.question_at(), {
      sku: (name) => this.#number(NameKind.Sku, name),
      word: (name) => this.#number(NameKind.Word, name),
      node: (number) => this.#name(NameKind.Node, number),
      method: (number) => this.#name(NameKind.Word, number),
      supply: (number) => this.#name(NameKind.Supply, number),
    });
  }

  /** @internal */
  static from(module: WebAssembly.Module, snapshot?: Uint8Array): Engine {
    const binding = instance(module);
    if (snapshot === undefined) return new Engine(new binding.Engine(), binding.memory);
    if (!(snapshot instanceof Uint8Array)) throw invalid("snapshot", "is not a Uint8Array");
    try {
      return new Engine(binding.Engine.restore(snapshot), binding.memory);
    } catch (cause) {
      if (isMisuse(cause)) throw new OnhandError("invalid_snapshot", cause.message, { cause });
      throw new OnhandError("init_failed", "the engine failed while loading the snapshot", { cause });
    }
  }

  /** Posts a fact. It is never refused for what it says about the world: see `exceptions` in the answer. */
  apply(fact: OnhandEvent): FactOutcome {
    return this.#tell("apply", fact) as FactOutcome;
  }

  /** Checks an intent and, when it is allowed, applies it. A refusal is a value and changes nothing. */
  execute(command: OnhandEvent): CommandOutcome {
    return this.#tell("execute", command) as CommandOutcome;
  }

  /** What `execute` would answer: a dry run. */
  decide(command: OnhandEvent): Decision {
    return this.#tell("decide", command) as Decision;
  }

  /**
   * Posts facts in the order given, each on its own. All are read before the first is posted: misuse posts nothing.
   * Numbered one-line facts go the fast way by themselves.
   */
  applyAll(facts: readonly OnhandEvent[]): BatchOutcome {
    if (!Array.isArray(facts)) throw invalid("facts", "is not a list", facts);
    if (facts.length > EVENTS_MAX) throw new OnhandError("limit", `more than ${EVENTS_MAX} facts`, { path: "facts" });
    const runs = readBatch(facts, { numbers: this.#numbers, intern: (kind, text) => this.#intern(kind, text) });
    const sum = { events: 0, posted: 0, replayed: 0, parked: 0, exceptions: 0, turnedAwayCount: 0 };
    const turnedAway: { index: number; code: string; message: string }[] = [];
    for (const run of runs) {
      const outcome = "rows" in run ? this.#postRows(run, facts) : (this.#answer((raw) => raw.apply_json(UTF8.encode(run.text))) as BatchOutcome);
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += outcome[key];
      for (const one of outcome.turnedAway) {
        if (turnedAway.length < TURNED_AWAY_MAX) turnedAway.push({ ...one, index: one.index + run.from });
      }
    }
    return { ...sum, turnedAway };
  }

  /**
   * Posts a JSON array of facts, with the keys of the wire (`to_node`, `backorder_limit`), as text or as UTF-8 bytes just as they
   * came: parsed inside, no object is made.
   */
  applyJson(text: string | Uint8Array): BatchOutcome {
    const isText = typeof text === "string";
    if (!isText && !(text instanceof Uint8Array)) throw invalid("text", "is not a text and not a Uint8Array", text);
    if (text.length > TEXT_MAX) throw new OnhandError("limit", `text is longer than ${TEXT_MAX}`, { path: "text" });
    if (isText && !text.isWellFormed()) throw invalid("text", "is not well-formed Unicode");
    const bytes = isText ? UTF8.encode(text) : text;
    return this.#answer((raw) => raw.apply_json(bytes)) as BatchOutcome;
  }

  /**
   * Posts rows of 56 bytes, whose names are numbers from `intern`.
   * The answer has no list of what was turned away, only its count and the place of the first.
   */
  applyRows(rows: Uint8Array): Omit<BatchOutcome, "turnedAway"> & { readonly firstTurnedAway?: number } {
    if (!(rows instanceof Uint8Array)) throw invalid("rows", "is not a Uint8Array");
    if (rows.byteLength % 56 !== 0) throw invalid("rows", "is not a whole number of rows of 56 bytes", rows.byteLength);
    const [events = 0, posted = 0, replayed = 0, parked = 0, turnedAwayCount = 0, first = NONE, exceptions = 0] =
      this.#call((raw) => raw.apply_rows(rows));
    const counts = { events, posted, replayed, parked, exceptions, turnedAwayCount };
    return first === NONE ? counts : { ...counts, firstTurnedAway: first };
  }

  /** The number of a name in this engine, for rows. */
  intern(kind: "source" | "sku" | "node" | "word", text: string): number {
    const kinds = { source: NameKind.Source, sku: NameKind.Sku, node: NameKind.Node, word: NameKind.Word } as const;
    if (!Object.hasOwn(kinds, kind)) throw invalid("kind", "is no kind of name", kind);
    return this.#intern(kinds[kind], name(text, "text"));
  }

  /** What may be sold of an item at a node, or undefined when the book knows the item or the node not. */
  available(query: { readonly sku: string; readonly node: string; readonly now: number }): Availability | undefined {
    const sku = this.#number(NameKind.Sku, name(query.sku, "sku"));
    const node = this.#number(NameKind.Node, name(query.node, "node"));
    const now = time(query.now, "now");
    if (sku === NONE || node === NONE) return undefined;
    const at = this.#call((raw) => raw.available(sku, node, now)) / 8;
    if (at === 0) return undefined;
    const inner = this.#inner;
    if (inner.floats.length === 0) inner.floats = new Float64Array(inner.memory.buffer);
    const field = (place: number) => inner.floats[at + place] as number;
    return {
      onHand: field(0), sellable: field(1), claimed: field(2), protected: field(3), available: field(4), overcommitted: field(5),
      backorderLimit: field(6),
    };
  }

  /** Availability of an item at every node, in the order of the nodes' names. */
  availableEverywhere(query: { readonly sku: string; readonly now: number }): readonly (Availability & { readonly node: string })[] {
    const sku = name(query.sku, "sku");
    const now = time(query.now, "now");
    const list = this.#answer((raw) => raw.available_everywhere(sku, now)) as [string, Availability][];
    return list.map(([node, availability]) => ({ node, ...availability }));
  }

  /**
   * What can be promised of an item at a node from each moment on, by a rule, and which moment binds. Undefined when the book knows
   * the item or the node not.
   */
  atp(query: AtpQuery): Atp | undefined {
    const read = readAtp(query, "") as AtpQuery;
    const words = this.#call((raw) => raw.atp(read.sku, read.node, encodeAtp(read)));
    return words.length === 0 ? undefined : decodeAtp(read.rule?.flavour ?? "look_ahead", words);
  }

  /** What can be offered: from where, by when, at what cost, and why not from elsewhere. */
  promise(request: PromiseRequest): Offer | RequestRefused {
    return this.#offer(request, (raw, length) => raw.promise(length));
  }

  /**
   * What could be offered if a few things were otherwise: the book is not copied and not changed. Units that are only supposed have
   * no name: they are offered without a supply, from the moment they would be there.
   */
  promiseIf(request: PromiseRequest, changes: readonly Change[]): Offer | RequestRefused {
    const words = encodeChanges(changes, this.#numbersOf());
    return words instanceof Float64Array ? this.#offer(request, (raw, length) => raw.promise_if(length, words)) : words;
  }

  /**
   * What can be offered and how sure it is, when records err as `risk` says: the cheapest plan or, with `weigh`, the one with the lowest
   * expected cost. Units that others have claimed are picked first.
   */
  promiseSurely(request: PromiseRequest, risk: Risk): SureOffer | RequestRefused {
    const words = encodeRisk(risk, this.#numbersOf());
    if (!(words instanceof Float64Array)) return words;
    let sure = new Float64Array(0);
    const offer = this.#offer(request, (raw, length) => {
      const address = raw.promise_surely(length, words);
      if (address === 0) return 0;
      const [numbers, rest] = this.#promises.before(address);
      sure = numbers as typeof sure;
      return rest;
    });
    const certainty = decodeCertainty(sure, (number) => this.#name(NameKind.Sku, number));
    return offer.ok && certainty !== undefined ? { ok: true, offer, certainty } : (offer as RequestRefused);
  }

  /**
   * Where to look for one item and in which order, when picks may fail: every node that has all units of it now. The sequence has the
   * lowest expected cost there is, giving up at the end included.
   */
  tries(request: PromiseRequest, risk: Risk): Tries | RequestRefused {
    const words = encodeRisk(risk, this.#numbersOf());
    return words instanceof Float64Array ? this.#told(request, (raw, length) => raw.tries(length, words)) : words;
  }

  /**
   * What would have made a promise hold or, with `cheaperBy`, cheaper: the smallest change of each kind. A unit more at a node, a supply
   * an hour earlier, a rule of the request dropped.
   */
  counterfactual(request: PromiseRequest, wish: Wish = {}): Counterfactual | RequestRefused {
    const { cheaperBy = 0, stepsMax = 50_000_000 } = readWish(wish, "wish") as Wish;
    return this.#told(request, (raw, length) => raw.counterfactual(length, cheaperBy, stepsMax));
  }

  /** Every contradiction that is open at a moment. */
  exceptions(query: { readonly now: number }): readonly OpenException[] {
    const now = time(query.now, "now");
    return this.#answer((raw) => raw.exceptions(now)) as OpenException[];
  }

  /**
   * The claims that lose when open claims exceed what is sellable and may be backordered: opened last, loses first. Their units add
   * up to `overcommitted`. After a cancelled receipt or a count that found less, these are the customers to tell.
   */
  losingClaims(query: { readonly sku: string; readonly node: string; readonly now: number }): readonly LosingClaim[] {
    const [sku, node, now] = [name(query.sku, "sku"), name(query.node, "node"), time(query.now, "now")];
    return this.#answer((raw) => raw.losing_claims(sku, node, now)) as LosingClaim[];
  }

  /** Every position of an item. */
  positions(sku: string): readonly Position[] {
    const checked = name(sku, "sku");
    return this.#answer((raw) => raw.positions(checked)) as Position[];
  }

  /** SHA-256 of the state, in hexadecimal: equal digests are equal books, on every machine. */
  digest(): string {
    return Array.from(this.#call((raw) => raw.digest()), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** The whole book as bytes, for `restore`. */
  snapshot(): Uint8Array {
    return this.#call((raw) => raw.snapshot());
  }

  /** Events accepted since the book began. */
  get version(): number {
    return this.#call((raw) => raw.version());
  }

  /** Gives the memory back. Every later call throws. */
  free(): void {
    this.#inner.raw?.free();
    this.#inner.raw = undefined;
  }

  [Symbol.dispose](): void {
    this.free();
  }

  /** @internal Traps on purpose: what a lost engine does is tested. */
  __trap(): void {
    this.#call((raw) => raw.trap());
  }

  /** Asks a question in numbers and gives the answer its names. */
  #offer(request: PromiseRequest, ask: (raw: RawEngine, length: number) => number): Offer | RequestRefused {
    const question = this.#question(request);
    if ("ok" in question) return question;
    return this.#promises.read(question, this.#call((raw) => ask(raw, question.length)));
  }

  /** Asks a question in numbers that is answered in text: an object, or the code of a refusal. */
  #told<T>(request: PromiseRequest, ask: (raw: RawEngine, length: number) => string): T | RequestRefused {
    const question = this.#question(request);
    if ("ok" in question) return question;
    const answer = this.#answer((raw) => ask(raw, question.length));
    return (typeof answer === "string" ? { ok: false, code: answer } : { ok: true, ...(answer as object) }) as T | RequestRefused;
  }

  /** Writes a question in numbers, or says what of it the book does not know. */
  #question(request: PromiseRequest): ReturnType<Promises["write"]> {
    const read = readRequest(request, "");
    const { zone, pickUp } = read.to;
    const to = zone ?? pickUp;
    if (to === undefined || (zone !== undefined && pickUp !== undefined)) throw invalid("to", "needs a zone or a node to pick up at");
    const place = this.#number(zone === undefined ? NameKind.Node : NameKind.Word, to);
    if (zone === undefined && place === NONE) return { ok: false, code: "unknown_node", node: to };
    return this.#promises.write(read, place, zone === undefined);
  }

  #numbersOf(): NumbersOf {
    return {
      sku: (sku) => this.#number(NameKind.Sku, sku),
      node: (node) => this.#number(NameKind.Node, node),
      word: (word) => this.#number(NameKind.Word, word),
      none: NONE,
    };
  }

  #postRows(run: { readonly from: number; readonly rows: Uint8Array }, facts: readonly OnhandEvent[]): BatchOutcome {
    const outcome = this.applyRows(run.rows);
    const turnedAway: { index: number; code: string; message: string }[] = [];
    if (outcome.turnedAwayCount > 0) {
      // Rare, so the why is asked one by one: what was posted answers as a replay.
      for (let at = 0; at < outcome.events && turnedAway.length < TURNED_AWAY_MAX; at++) {
        const answer = this.apply(facts[run.from + at] as OnhandEvent);
        if (!answer.ok) turnedAway.push({ index: at, code: answer.code, message: answer.code });
      }
    }
    return { ...outcome, turnedAway };
  }

  #intern(kind: number, text: string): number {
    const known = this.#numbers[kind]?.get(text);
    if (known !== undefined) return known;
    const number = this.#call((raw) => raw.intern(kind, text));
    this.#numbers[kind]?.set(text, number);
    return number;
  }

  /** Asks without interning: a name that the book does not know may become known, so only what is found is kept. */
  #number(kind: number, text: string): number {
    const known = this.#numbers[kind]?.get(text);
    if (known !== undefined) return known;
    const number = this.#call((raw) => raw.number_of(kind, text));
    if (number !== NONE) this.#numbers[kind]?.set(text, number);
    return number;
  }

  #name(kind: number, number: number): string | undefined {
    if (number === NONE) return undefined;
    const known = this.#names[kind]?.get(number);
    if (known !== undefined) return known;
    const text = this.#call((raw) => raw.name_of(kind, number));
    if (text !== undefined) this.#names[kind]?.set(number, text);
    return text;
  }

  #tell(door: "apply" | "execute" | "decide", event: OnhandEvent): unknown {
    const text = JSON.stringify(readEvent(event, ""));
    return this.#answer((raw) => raw[door](text));
  }

  #answer(call: (raw: RawEngine) => string): unknown {
    return camel(JSON.parse(this.#call(call)));
  }

  /** Every call into WebAssembly. What is thrown there and is no misuse leaves an instance that nobody can trust. */
  #call<T>(call: (raw: RawEngine) => T): T {
    const inner = this.#inner;
    if (inner.lost !== undefined) throw new EngineLostError(inner.lost.lastVersion, inner.lost.cause);
    if (inner.raw === undefined) throw new OnhandError("engine_freed", "the engine was freed");
    try {
      const answer = call(inner.raw);
      inner.lastVersion = inner.raw.version();
      return answer;
    } catch (cause) {
      if (isMisuse(cause)) throw new OnhandError("invalid_argument", cause.message, { cause });
      inner.lost = new EngineLostError(inner.lastVersion, cause);
      inner.raw = undefined;
      throw inner.lost;
    }
  }
}

/** The binding throws plain errors for misuse; a trap or an exhausted stack is of another class. */
function isMisuse(cause: unknown): cause is Error {
  return cause instanceof Error && Object.getPrototypeOf(cause) === Error.prototype;
}

function instance(module: WebAssembly.Module): Binding {
  let binding: Binding;
  try {
    binding = bind(module);
  } catch (cause) {
    const hint = cause instanceof WebAssembly.CompileError ? "; a content security policy needs 'wasm-unsafe-eval'" : "";
    throw new OnhandError("init_failed", `the WebAssembly module cannot be instantiated${hint}`, { cause });
  }
  let version = "unknown";
  try {
    version = binding.binding_version();
  } catch {
    // A module without a version is of another one.
  }
  if (version !== VERSION) {
    throw new OnhandError("version_mismatch", `the WebAssembly module is of version ${version}, the package of ${VERSION}`);
  }
  return binding;
}
