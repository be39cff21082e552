// Numbers that differ from step to step, as tensors of the host that are written again and again.
import { densePattern, makeTensor, type Tensor } from '@lacuna/ir';

/** Tensors of one number each, by name. */
export class Scalars {
  readonly tensors: Readonly<Record<string, Tensor>>;

  constructor(names: readonly string[]) {
    this.tensors = Object.fromEntries(
      names.map((name) => [name, makeTensor(densePattern([]), 'float32', new Float32Array(1))]),
    );
  }

  set(numbers: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(numbers)) this.tensors[name]!.values[0] = value;
  }
}
