/** A question in numbers, with a text of the names that some of them stand for. */
export interface Asked {
  readonly numbers: Float64Array;
  readonly names: string;
}

/** What crosses as numbers, and a text of the names that some of them stand for, a line each: no name has a line break. */
export class Words implements Asked {
  readonly #numbers: number[] = [];
  readonly #names = new Map<string, number>();

  /** A number, a moment, a place in a table; -1 for one that is not given. */
  number(value: number | undefined): this {
    this.#numbers.push(value ?? -1);
    return this;
  }

  /** A name; -1 for one that is not given. */
  name(text: string | undefined): this {
    if (text === undefined) return this.number(-1);
    const place = this.#names.get(text) ?? this.#names.size;
    this.#names.set(text, place);
    return this.number(place);
  }

  /** Numbers as they are. */
  add(numbers: Iterable<number>): this {
    this.#numbers.push(...numbers);
    return this;
  }

  /** How many, then each. */
  list<T>(all: readonly T[] | undefined, one: (value: T) => void): this {
    this.number(all?.length ?? 0);
    all?.forEach(one);
    return this;
  }

  get numbers(): Float64Array {
    return new Float64Array(this.#numbers);
  }

  get names(): string {
    return [...this.#names.keys()].join("\n");
  }
}
