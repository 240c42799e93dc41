/** What the build makes of the WebAssembly binding: one call, one instance that shares nothing with others. */
export declare function bind(module: WebAssembly.Module): Binding;

export interface Binding {
  readonly Engine: { new (): RawEngine; restore(snapshot: Uint8Array): RawEngine };
  binding_version(): string;
  readonly memory: WebAssembly.Memory;
}

export interface RawEngine {
  free(): void;
  apply(event: string): string;
  execute(command: string): string;
  decide(command: string): string;
  apply_json(text: Uint8Array): string;
  apply_rows(rows: Uint8Array): Uint32Array;
  intern(kind: number, name: string): number;
  number_of(kind: number, name: string): number;
  name_of(kind: number, number: number): string | undefined;
  available(sku: number, node: number, now: number): number;
  available_everywhere(sku: string, now: number): string;
  atp(sku: string, node: string, question: Float64Array): Float64Array;
  /** Address of the place for questions of promising. */
  question_at(): number;
  /** Answers the question of so many numbers there; the address of the answer, 0 for a question that is malformed. */
  promise(length: number): number;
  /** The same on a changed view. */
  promise_if(length: number, changes: Float64Array): number;
  /** The same with how sure it is before the answer: how many numbers that is, and those. */
  promise_surely(length: number, risk: Float64Array): number;
  tries(length: number, risk: Float64Array): string;
  counterfactual(length: number, cheaperBy: number, stepsMax: number): string;
  exceptions(now: number): string;
  losing_claims(sku: string, node: string, now: number): string;
  positions(sku: string): string;
  digest(): Uint8Array;
  snapshot(): Uint8Array;
  version(): number;
  trap(): void;
}
