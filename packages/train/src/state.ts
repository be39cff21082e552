// What a trainer holds in an engine's memory: parameters, masks, and moments in the parameters' own patterns.
// Compiled plans refer to these tensors, so what keeps its pattern is written in place.
import {
  decodeValues,
  isDense,
  makeTensor,
  restricted,
  SparseError,
  toDense,
  valueArray,
  type Tensor,
} from '@lacuna/ir';
import type { Engine } from '@lacuna/engine';
import type { Model, Parameters } from './model.js';
import type { Pruned } from './sparsity.js';

/** Moments of each parameter, by name. */
export type Moments = Readonly<Record<string, Parameters>>;

/** A weight with all that goes with it, on the host. */
export interface Saved extends Pruned {
  readonly moments: Parameters;
}

/** Parameters, masks, moments and what is frozen, of a model in training. */
export class State {
  readonly parameters: Record<string, Tensor> = {};
  readonly masks: Record<string, Tensor> = {};
  readonly frozen: Record<string, Tensor> = {};
  readonly moments: Record<string, Record<string, Tensor>> = {};
  readonly #engine: Engine;

  /** @throws SparseError `format` where a moment is stored at other places than its parameter. */
  constructor(engine: Engine, model: Model, kinds: readonly string[], moments: Moments = {}) {
    this.#engine = engine;
    for (const [name, weight] of Object.entries(model.parameters)) {
      this.parameters[name] = engine.put(weight);
      this.moments[name] = {};
      for (const kind of kinds) {
        const given = moments[name]?.[kind];
        const zeros = (): Tensor =>
          makeTensor(weight.pattern, weight.dtype, valueArray(weight.dtype, weight.stored));
        this.moments[name][kind] = engine.put(given ? fitted(name, kind, given, weight) : zeros());
      }
    }
    for (const [name, tensor] of Object.entries(model.frozen ?? {}))
      this.frozen[name] = engine.put(tensor);
    for (const [name, mask] of Object.entries(model.sparsity?.masks ?? {}))
      this.masks[name] = engine.put(mask);
  }

  /**
   * Puts a weight in another's place; moments follow by intersection, so that entries that are new begin at zero.
   * Whether plans must be traced again, since a tensor is another one now.
   */
  async replace(name: string, { weight, mask }: Pruned): Promise<boolean> {
    const before = this.parameters[name]!;
    const moments = this.moments[name]!;
    const [engine, old] = [this.#engine, this.masks[name]];
    if (before.pattern === weight.pattern || (isDense(before.format) && isDense(weight.format))) {
      engine.write(before, decodeValues(weight.dtype, weight.values));
      if (mask) {
        const keep = toDense(mask);
        for (const moment of Object.values(moments)) {
          const values = await moment.read();
          engine.write(
            moment,
            values.map((x, at) => (keep[at] === 0 ? 0 : x)),
          );
        }
        if (old) engine.write(old, mask.values);
        else this.masks[name] = engine.put(mask);
      }
      return mask !== undefined && !old;
    }
    for (const [kind, moment] of Object.entries(moments)) {
      moments[kind] = engine.put(restricted(await engine.get(moment), weight.pattern));
      moment.dispose();
    }
    this.parameters[name] = engine.put(weight);
    before.dispose();
    old?.dispose();
    delete this.masks[name];
    if (mask) this.masks[name] = engine.put(mask);
    return true;
  }

  /** Copies of a weight, its mask and its moments, from which {@link restore} puts them back. */
  async saved(name: string): Promise<Saved> {
    const [mask, engine] = [this.masks[name], this.#engine];
    return {
      weight: await engine.get(this.parameters[name]!),
      ...(mask && { mask: await engine.get(mask) }),
      moments: await this.#get(this.moments[name]!),
    };
  }

  /** Puts back what was saved; plans must be traced again. */
  restore(name: string, { weight, mask, moments }: Saved): void {
    const old = [this.parameters[name], this.masks[name], ...Object.values(this.moments[name]!)];
    for (const tensor of old) tensor?.dispose();
    this.parameters[name] = this.#engine.put(weight);
    delete this.masks[name];
    if (mask) this.masks[name] = this.#engine.put(mask);
    for (const [kind, moment] of Object.entries(moments))
      this.moments[name]![kind] = this.#engine.put(moment);
  }

  /** Copies on the host; moments share their parameters' patterns. */
  async read(): Promise<{
    readonly parameters: Record<string, Tensor>;
    readonly masks: Record<string, Tensor>;
    readonly moments: Moments;
  }> {
    const moments: Record<string, Parameters> = {};
    for (const [name, kinds] of Object.entries(this.moments))
      moments[name] = await this.#get(kinds);
    return {
      parameters: await this.#get(this.parameters),
      masks: await this.#get(this.masks),
      moments,
    };
  }

  async #get(tensors: Parameters): Promise<Record<string, Tensor>> {
    const copies: Record<string, Tensor> = {};
    for (const [name, t] of Object.entries(tensors)) copies[name] = await this.#engine.get(t);
    return copies;
  }

  dispose(): void {
    const all = [this.parameters, this.masks, this.frozen, ...Object.values(this.moments)];
    for (const tensors of all) for (const tensor of Object.values(tensors)) tensor.dispose();
  }
}

/** A moment in its parameter's pattern object, after checking that it is stored at the same places. */
function fitted(name: string, kind: string, moment: Tensor, { pattern, dtype }: Tensor): Tensor {
  const other = moment.pattern;
  const same =
    other === pattern ||
    (other.format.layout === pattern.format.layout &&
      other.shape.join() === pattern.shape.join() &&
      other.structure.length === pattern.structure.length &&
      other.structure.every((byte, at) => byte === pattern.structure[at]));
  if (same && moment.dtype === dtype) return makeTensor(pattern, dtype, moment.values);
  throw new SparseError(
    'format',
    `the ${kind} of ${name} is stored at other places than ${name}: ${moment.toString()}`,
    { hint: 'carry it over with restricted(moment, weight.pattern)' },
  );
}
