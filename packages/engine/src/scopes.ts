// Scopes: what is made inside one is disposed at its end, except for what it gives back, which is its parent's then.
import type { Tensor } from '@lacuna/ir';

/** The scopes of an engine that are open now, the innermost last. */
export class Scopes {
  readonly #open: Set<Tensor>[] = [];

  /** Notes a new tensor; gives it back. */
  track(tensor: Tensor): Tensor {
    this.#open.at(-1)?.add(tensor);
    return tensor;
  }

  /** Runs a function in a scope of its own. */
  async run<T>(fn: () => T | Promise<T>): Promise<T> {
    const made = new Set<Tensor>();
    this.#open.push(made);
    try {
      const result = await fn();
      const parent = this.#open.at(-2);
      for (const tensor of tensorsIn(result)) if (made.delete(tensor)) parent?.add(tensor);
      return result;
    } finally {
      this.#open.splice(this.#open.indexOf(made), 1);
      for (const tensor of made) tensor.dispose();
    }
  }
}

function tensorsIn(result: unknown): Tensor[] {
  if (typeof result !== 'object' || result === null) return [];
  if ('pattern' in result && 'dispose' in result) return [result as Tensor];
  return Object.values(result).flatMap(tensorsIn);
}
