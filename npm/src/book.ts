/// <reference lib="esnext.disposable" preserve="true" />
import { bind, type Binding, type RawEngine } from "./binding.js";
import { EngineLostError, invalid, OnhandError } from "./errors.js";
import type { ExpectedSupply } from "./floor.js";
import { postBatch } from "./rows.js";
import type {
  Availability, BatchOutcome, CommandOutcome, Decision, FactOutcome, KitOutcome, LosingClaim, OnhandEvent, OpenException, Position, ScanOutcome,
} from "./types.js";
import { VERSION } from "./version.js";
import { array, bytes, camel, event as readEvent, EVENTS_MAX, name, NONE, parts, time } from "./wire.js";
import { type Asked, Words } from "./words.js";

/** What is asked now and then, by the numbers of the binding. */
export const enum Door {
  AvailableEverywhere = 0,
  Exceptions = 1,
  LosingClaims = 2,
  Positions = 3,
  Supply = 4,
  Scan = 5,
  Kit = 6,
  NameOf = 7,
  Atp = 8,
  OpenPromises = 9,
  Redistribute = 10,
  Tries = 11,
  Counterfactual = 12,
  Count = 13,
}

/** How an event is told. */
const enum How {
  Apply = 0,
  Execute = 1,
  Decide = 2,
}

export const enum NameKind {
  Source = 0,
  Sku = 1,
  Node = 2,
  Word = 3,
  Supply = 4,
}

/** Names and numbers of a book. */
export interface Names {
  numberOf(kind: NameKind, name: string): number;
  nameOf(kind: NameKind, number: number): string | undefined;
}

const TEXT_MAX = 256 * 1024 * 1024;
/** Characters of a scanned code that are looked at. */
const CODE_MAX = 512;
const UTF8 = new TextEncoder();
/** Facts turned away that a batch lists. */
const TURNED_AWAY_MAX = 1_000;

type Made<B> = new (raw: RawEngine, module: WebAssembly.Module, binding: Binding) => B;

interface Inner {
  raw: RawEngine | undefined;
  readonly module: WebAssembly.Module;
  readonly binding: Binding;
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
export class Book {
  readonly #inner: Inner;
  readonly #numbers: readonly Map<string, number>[] = [new Map(), new Map(), new Map(), new Map()];
  readonly #names: readonly Map<number, string>[] = [new Map(), new Map(), new Map(), new Map(), new Map()];

  /** @internal Made by `createEngine` and `restore`. */
  constructor(raw: RawEngine, module: WebAssembly.Module, binding: Binding) {
    if (binding === undefined) throw invalid("new", "makes no engine: `createEngine` and `restore` do");
    this.#inner = { raw, module, binding, floats: new Float64Array(binding.memory.buffer), lost: undefined, lastVersion: raw.version() };
  }

  /** @internal */
  static from<B extends Book>(this: Made<B>, module: WebAssembly.Module): B {
    const binding = instance(module);
    return new this(new binding.Engine(), module, binding);
  }

  /** @internal With the book of a snapshot and the facts that came since; what became of these, `told` hears. */
  static restored<B extends Book>(
    this: Made<B>, module: WebAssembly.Module, snapshot: Uint8Array, factsSince: readonly OnhandEvent[] = [], told: (outcome: BatchOutcome) => void = () => {},
  ): B {
    if (typeof told !== "function") throw invalid("told", "is not a function", told);
    const engine = (this as unknown as typeof Book).from(module) as B;
    engine.load(snapshot);
    told(engine.applyAll(factsSince));
    return engine;
  }

  /** Posts a fact. It is never refused for what it says about the world: see `exceptions` in the answer. */
  apply(fact: OnhandEvent): FactOutcome {
    return this.#tell(How.Apply, fact) as FactOutcome;
  }

  /** Checks an intent and, when it is allowed, applies it. A refusal is a value and changes nothing. */
  execute(command: OnhandEvent): CommandOutcome {
    return this.#tell(How.Execute, command) as CommandOutcome;
  }

  /** What `execute` would answer: a dry run. */
  decide(command: OnhandEvent): Decision {
    return this.#tell(How.Decide, command) as Decision;
  }

  /**
   * Posts facts in the order given, each on its own. All are read before the first is posted: misuse posts nothing.
   * Numbered one-line facts go the fast way by themselves.
   */
  applyAll(facts: readonly OnhandEvent[]): BatchOutcome {
    array(facts, "facts", EVENTS_MAX);
    const sum = { events: 0, posted: 0, replayed: 0, parked: 0, exceptions: 0, turnedAwayCount: 0 };
    const turnedAway: { index: number; code: string; message: string }[] = [];
    const names = { numbers: this.#numbers, intern: (kind: number, text: string) => this.#intern(kind, text) };
    postBatch(facts, names, (run) => {
      const outcome = "rows" in run ? this.#postRows(run, facts) : this.#postText(run.text);
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += outcome[key];
      for (const one of outcome.turnedAway) {
        if (turnedAway.length < TURNED_AWAY_MAX) turnedAway.push({ ...one, index: one.index + run.from });
      }
    });
    return { ...sum, turnedAway };
  }

  /**
   * Posts a JSON array of facts, with the keys of the wire (`to_node`, `backorder_limit`), as text or as UTF-8 bytes just as they
   * came: parsed inside, no object is made.
   */
  applyJson(text: string | Uint8Array): BatchOutcome {
    const read = typeof text === "string" ? text : bytes(text, "text");
    if (read.length > TEXT_MAX) throw new OnhandError("limit", `\`text\` is longer than ${TEXT_MAX}`, { path: "text" });
    if (typeof read === "string" && !read.isWellFormed()) throw invalid("text", "is not well-formed Unicode");
    return this.#postText(read);
  }

  /**
   * Posts rows of 56 bytes, whose names are numbers from `intern`.
   * The answer has no list of what was turned away, only its count and the place of the first.
   */
  applyRows(rows: Uint8Array): Omit<BatchOutcome, "turnedAway"> & { readonly firstTurnedAway?: number } {
    const read = bytes(rows, "rows");
    if (read.length % 56 !== 0) throw invalid("rows", "is not a whole number of rows of 56 bytes", read.length);
    const [events = 0, posted = 0, replayed = 0, parked = 0, turnedAwayCount = 0, first = NONE, exceptions = 0] =
      this.call((raw) => raw.apply_rows(read));
    const counts = { events, posted, replayed, parked, exceptions, turnedAwayCount };
    return first === NONE ? counts : { ...counts, firstTurnedAway: first };
  }

  /** The number of a name in this engine, for rows. */
  intern(kind: "source" | "sku" | "node" | "word", text: string): number {
    const kinds = { source: NameKind.Source, sku: NameKind.Sku, node: NameKind.Node, word: NameKind.Word } as const;
    if (typeof kind !== "string" || !Object.hasOwn(kinds, kind)) throw invalid("kind", "is no kind of name", kind);
    return this.#intern(kinds[kind], name(text, "text"));
  }

  /** What may be sold of an item at a node, or undefined when the book knows the item or the node not. */
  available(query: { readonly sku: string; readonly node: string; readonly now: number }): Availability | undefined {
    const asked = parts(query);
    const sku = this.numberOf(NameKind.Sku, name(asked.sku, "sku"));
    const node = this.numberOf(NameKind.Node, name(asked.node, "node"));
    const now = time(asked.now, "now");
    if (sku === NONE || node === NONE) return undefined;
    const at = this.call((raw) => raw.available(sku, node, now)) / 8;
    if (at === 0) return undefined;
    const inner = this.#inner;
    if (inner.floats.length === 0) inner.floats = new Float64Array(inner.binding.memory.buffer);
    const field = (place: number) => inner.floats[at + place] as number;
    return {
      onHand: field(0), sellable: field(1), claimed: field(2), protected: field(3), available: field(4), overcommitted: field(5),
      backorderLimit: field(6), withheld: field(7),
    };
  }

  /** Availability of an item at every node, in the order of the nodes' names. */
  availableEverywhere(query: { readonly sku: string; readonly now: number }): readonly (Availability & { readonly node: string })[] {
    const asked = parts(query);
    const words = new Words().name(name(asked.sku, "sku")).number(time(asked.now, "now"));
    const list = this.ask(Door.AvailableEverywhere, words) as [string, Availability][];
    return list.map(([node, availability]) => ({ node, ...availability }));
  }

  /** Every contradiction that is open at a moment. */
  exceptions(query: { readonly now: number }): readonly OpenException[] {
    return this.ask(Door.Exceptions, new Words().number(time(parts(query).now, "now"))) as OpenException[];
  }

  /**
   * The claims that lose when open claims exceed what is sellable and may be backordered: opened last, loses first. Their units add
   * up to `overcommitted`. After a cancelled receipt or a count that found less, these are the customers to tell.
   */
  losingClaims(query: { readonly sku: string; readonly node: string; readonly now: number }): readonly LosingClaim[] {
    return this.ask(Door.LosingClaims, shelf(query)) as LosingClaim[];
  }

  /** Every position of an item. */
  positions(sku: string): readonly Position[] {
    return this.ask(Door.Positions, new Words().name(name(sku, "sku"))) as Position[];
  }

  /** What is still to come of an item to a node, by when it is due. */
  supply(query: { readonly sku: string; readonly node: string }): readonly ExpectedSupply[] {
    const asked = parts(query);
    return this.ask(Door.Supply, new Words().name(name(asked.sku, "sku")).name(name(asked.node, "node"))) as ExpectedSupply[];
  }

  /**
   * What a scanned code means: a SKU as it is written, or the GTIN of an item or a pack in any of its lengths, its check digit seen to. By
   * the cards of the catalogue that this engine was told (`catalogue_change`, `item_change`): a snapshot does not carry them, so after
   * `restore` tell them again.
   */
  scan(query: { readonly code: string; readonly at: number }): ScanOutcome {
    const { code, at: moment } = parts(query);
    if (typeof code !== "string") throw invalid("code", "is not a text", code);
    if (code.length > CODE_MAX) throw invalid("code", `is longer than ${CODE_MAX}`);
    if (!code.isWellFormed()) throw invalid("code", "is not well-formed Unicode");
    // It may have a line break: it is all of the text.
    return this.ask(Door.Scan, { numbers: new Float64Array([time(moment, "at")]), names: code }) as ScanOutcome;
  }

  /** How many of a kit can be had at a node: those that stand there ready made, and those that its components allow. Recipes as in `scan`. */
  kit(query: { readonly sku: string; readonly node: string; readonly now: number }): KitOutcome {
    return this.ask(Door.Kit, shelf(query)) as KitOutcome;
  }

  /** SHA-256 of the state, in hexadecimal: equal digests are equal books, on every machine. */
  digest(): string {
    return Array.from(this.call((raw) => raw.digest()), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** The whole book as bytes, for `restore`. */
  snapshot(): Uint8Array {
    return this.call((raw) => raw.snapshot());
  }

  /**
   * Puts the book of a snapshot in the place of this one: a page or a worker that fetches a newer snapshot now and then needs no new
   * engine. A snapshot that cannot be loaded is an `OnhandError` with the code `invalid_snapshot`, and the book stays as it is.
   */
  load(snapshot: Uint8Array): void {
    const read = bytes(snapshot, "snapshot");
    try {
      this.call((raw) => raw.load(read));
    } catch (error) {
      const { code, message, cause } = error as OnhandError;
      throw code === "invalid_argument" ? new OnhandError("invalid_snapshot", message, { cause }) : error;
    }
    for (const known of [...this.#numbers, ...this.#names]) known.clear();
  }

  /** Events accepted since the book began. */
  get version(): number {
    return this.call((raw) => raw.version());
  }

  /** Gives the memory back. Every later call throws. */
  free(): void {
    this.#inner.raw?.free();
    this.#inner.raw = undefined;
  }

  [Symbol.dispose](): void {
    this.free();
  }

  /** @internal What stands beside the book is made and asked with it, so that a failure of either is one of both. */
  __beside<T>(call: (raw: RawEngine, binding: Binding) => T): T {
    return this.call((raw) => call(raw, this.#inner.binding));
  }

  /** @internal An engine of its own with another book. */
  __another(snapshot: Uint8Array): this {
    const book = Book.from.call(this.constructor as unknown as Made<this>, this.#inner.module) as this;
    book.load(snapshot);
    return book;
  }

  /** @internal Traps on purpose: what a lost engine does is tested. */
  __trap(): void {
    this.call((raw) => raw.trap());
  }

  /** Writes a text where the engine reads it, in one step when its characters are all of one byte. */
  #postText(text: string | Uint8Array): BatchOutcome {
    const room = (raw: RawEngine, length: number) => {
      const at = raw.text_at(length); // May have made the memory anew.
      return new Uint8Array(this.#inner.binding.memory.buffer, at, length);
    };
    const write = (raw: RawEngine): number => {
      if (typeof text === "string" && UTF8.encodeInto(text, room(raw, text.length)).read === text.length) return text.length;
      const bytes = typeof text === "string" ? UTF8.encode(text) : text;
      room(raw, bytes.length).set(bytes);
      return bytes.length;
    };
    return this.answer((raw) => raw.apply_json(write(raw))) as BatchOutcome;
  }

  /** Posts rows, and asks of those turned away why. */
  #postRows(run: { readonly from: number; readonly rows: Uint8Array }, facts: readonly OnhandEvent[]): BatchOutcome {
    const outcome = this.applyRows(run.rows);
    const turnedAway: { index: number; code: string; message: string }[] = [];
    if (outcome.turnedAwayCount > 0) {
      // Rare, so the why is asked one by one: what was posted answers as a replay.
      for (let at = 0; at < outcome.events && turnedAway.length < TURNED_AWAY_MAX; at++) {
        const [why] = this.#postText(JSON.stringify([readEvent(facts[run.from + at], "")])).turnedAway;
        if (why !== undefined) turnedAway.push({ ...why, index: at });
      }
    }
    return { ...outcome, turnedAway };
  }

  #intern(kind: number, text: string): number {
    return this.#numbers[kind]?.get(text) ?? this.#ask(kind, text, true);
  }

  /** Asks without interning: a name that the book does not know may become known, so only what is found is kept. */
  protected numberOf(kind: number, text: string): number {
    return this.#numbers[kind]?.get(text) ?? this.#ask(kind, text, false);
  }

  #ask(kind: number, text: string, intern: boolean): number {
    const number = this.call((raw) => raw.number_of(kind, text, intern));
    if (number !== NONE) this.#numbers[kind]?.set(text, number);
    return number;
  }

  protected nameOf(kind: number, number: number): string | undefined {
    if (number === NONE || number < 0) return undefined;
    const known = this.#names[kind]?.get(number);
    if (known !== undefined) return known;
    const text = this.ask(Door.NameOf, new Words().number(kind).number(number)) as string | null;
    if (text === null) return undefined;
    this.#names[kind]?.set(number, text);
    return text;
  }

  #tell(how: How, event: OnhandEvent): unknown {
    const text = JSON.stringify(readEvent(event, ""));
    return this.answer((raw) => raw.tell(how, text));
  }

  protected ask(door: Door, { numbers, names }: Asked): unknown {
    return this.answer((raw) => raw.ask(door, numbers, names));
  }

  protected answer(call: (raw: RawEngine) => string): unknown {
    return camel(JSON.parse(this.call(call)));
  }

  /** Every call into WebAssembly. What is thrown there and is no misuse leaves an instance that nobody can trust. */
  protected call<T>(call: (raw: RawEngine) => T): T {
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

/** An item at a node at a moment. */
function shelf(query: { readonly sku: string; readonly node: string; readonly now: number }): Words {
  const asked = parts(query);
  return new Words().name(name(asked.sku, "sku")).name(name(asked.node, "node")).number(time(asked.now, "now"));
}

/** The binding throws plain errors for misuse; a trap or an exhausted stack is of another class. */
function isMisuse(cause: unknown): cause is Error {
  return cause instanceof Error && Object.getPrototypeOf(cause) === Error.prototype;
}

function instance(module: WebAssembly.Module): Binding {
  let cause: unknown;
  try {
    const binding = bind(module);
    if (binding.binding_version() === VERSION) return binding;
  } catch (thrown) {
    cause = thrown;
  }
  if (cause instanceof WebAssembly.CompileError || cause instanceof RangeError) {
    const hint = cause instanceof RangeError ? "" : "; a content security policy needs 'wasm-unsafe-eval'";
    throw new OnhandError("init_failed", `the WebAssembly module cannot be instantiated${hint}`, { cause });
  }
  // What does not fit, or answers what it should not, was made for other JavaScript.
  const message = `the WebAssembly module is not that of this entry in version ${VERSION}: an older copy, or that of another entry`;
  throw new OnhandError("version_mismatch", message, { cause });
}
