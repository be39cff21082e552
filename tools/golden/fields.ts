// Reads fields of a JSON object, and says which one is missing or of another type.

/** A JSON object whose fields are asked for by type. */
export class Fields {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(value: unknown, path = '') {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(`${path || 'the file'} is no object`);
    this.#object = value as Readonly<Record<string, unknown>>;
    this.#path = path;
  }

  static parse(text: string): Fields {
    return new Fields(JSON.parse(text));
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }
  names(): readonly string[] {
    return Object.keys(this.#object);
  }
  text(name: string): string {
    const value = this.#object[name];
    return typeof value === 'string' ? value : this.#wrong(name, 'text');
  }
  flag(name: string): boolean {
    const value = this.#object[name];
    return typeof value === 'boolean' ? value : this.#wrong(name, 'true or false');
  }
  number(name: string): number {
    const value = this.#object[name];
    return typeof value === 'number' ? value : this.#wrong(name, 'a number');
  }
  numbers(name: string): readonly number[] {
    const value = this.#object[name];
    return isNumbers(value) ? value : this.#wrong(name, 'numbers');
  }
  /** Numbers as the float32 values that they are the shortest decimals of. */
  floats(name: string): Float32Array {
    return Float32Array.from(this.numbers(name));
  }
  rows(name: string): readonly (readonly number[])[] {
    const value = this.#object[name];
    return Array.isArray(value) && value.every(isNumbers)
      ? value
      : this.#wrong(name, 'rows of numbers');
  }
  object(name: string): Fields {
    return new Fields(this.#object[name], this.#name(name));
  }
  objects(name: string): readonly Fields[] {
    const value: unknown = this.#object[name];
    if (!Array.isArray(value)) return this.#wrong(name, 'a list');
    return value.map((item: unknown, at) => new Fields(item, `${this.#name(name)}[${at}]`));
  }

  #name(name: string): string {
    return this.#path ? `${this.#path}.${name}` : name;
  }
  #wrong(name: string, wanted: string): never {
    throw new Error(`${this.#name(name)} is not there, or not ${wanted}`);
  }
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((x) => typeof x === 'number');
}
