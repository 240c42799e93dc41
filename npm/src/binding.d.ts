/** What the build makes of the WebAssembly binding: one call, one instance that shares nothing with others. */
export declare function bind(module: WebAssembly.Module): Binding;

export interface Binding {
  readonly Engine: { new (): RawEngine; rules(text: string): RawRules };
  binding_version(): string;
  readonly Trail: { new (engine: RawEngine, numbers: Float64Array, names: string): RawTrail };
  readonly memory: WebAssembly.Memory;
}

export interface RawRules {
  free(): void;
}

export interface RawEngine {
  free(): void;
  /** Posts a fact (0), asks for an intent (1), or says what would be answered to it (2). */
  tell(how: number, event: string): string;
  /** Answers what is asked now and then, by its door. */
  ask(door: number, numbers: Float64Array, names: string): string;
  /** The same under rules. */
  ask_under(rules: RawRules, door: number, numbers: Float64Array, names: string): string;
  /** Makes room for a text of so many bytes; its address. */
  text_at(length: number): number;
  /** Posts the facts of which so many bytes were written there. */
  apply_json(length: number): string;
  apply_rows(rows: Uint8Array): Uint32Array;
  /** The number of a name; 2^32 - 1 where it has none and none is to be made. */
  number_of(kind: number, name: string, make: boolean): number;
  available(sku: number, node: number, now: number): number;
  available_by_node(sku: number, now: number): number;
  item_stamp(sku: number): number;
  nodes_by_name(): number;
  /** Address of the place for questions of promising. */
  question_at(): number;
  /** Answers the question of so many numbers there; the address of the answer, 0 for a question that is malformed. */
  promise(length: number): number;
  /** The same on a changed view. */
  promise_if(length: number, changes: Float64Array): number;
  /** The same with how sure it is before the answer: how many numbers that is, and those. */
  promise_surely(length: number, risk: Float64Array): number;
  /** The same under rules, with what they have to do with it before the answer, and how sure it is where there is a risk. */
  promise_under(length: number, rules: RawRules, channel: string | undefined, changes: Float64Array, order: string | undefined, risk: Float64Array): number;
  promise_again(length: number, order: string): number;
  inspect(receipt: string, numbers: Float64Array, names: string): string;
  digest(): Uint8Array;
  snapshot(): Uint8Array;
  load(snapshot: Uint8Array): void;
  version(): number;
  trap(): void;
}

export interface RawTrail {
  free(): void;
  hand_in(number: number, event: string, verdict: number, code: string, seal: string): void;
  read(engine: RawEngine, numbers: Float64Array, names: string): string;
  apply(engine: RawEngine, event: string, recorded: number): string;
  execute(engine: RawEngine, command: string, recorded: number): string;
  head(): string;
  entries(after: number, most: number): string;
  verify(numbers: Float64Array, names: string): string;
  book_at(moment: number, then: boolean): Uint8Array;
  history(form: number, one: string, other: string): string;
  lives(engine: RawEngine, now: number, numbers: Float64Array, names: string): string;
  lanes(now: number): string;
  sold_line(order: string, line: string): Float64Array;
  may_refund(order: string, line: string, units: number): string;
  may_resell(grade: string): string;
  approval(name: string, now: number): string;
  due(): string;
}

declare global {
  /** For programs that are compiled without the names of the web, as on a server; where they are there, these say nothing more. */
  namespace WebAssembly {
    interface Module {}
    interface Memory {}
  }
}
