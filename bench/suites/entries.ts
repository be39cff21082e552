// Who takes part in a race of networks: those whose outputs are the reference's.
import { compileNetwork, reference, type Graph } from '@lacuna/lacuna';
import type { RunningNetwork } from '../contenders/contender.js';
import type { Row } from '../report.js';

type Outputs = Readonly<Record<string, ArrayLike<number>>>;

/** A network that is ready, and what its row says. */
export interface Contender extends RunningNetwork {
  readonly name: string;
  readonly layout: string;
  readonly extra?: NonNullable<Row['extra']>;
}

/** Who may take part, or why not. */
export interface Entry {
  readonly name: string;
  readonly absent?: string;
  readonly make: () => Promise<Contender>;
}

/** Outputs of the reference, by name, unsimplified. */
export async function expect(graph: Graph, inputs: Record<string, Float32Array>): Promise<Outputs> {
  const net = await compileNetwork(graph, { backend: reference(), layouts: 'dense' });
  const outputs = await net.run(inputs);
  net.dispose();
  return outputs;
}

/** A contender whose outputs are right, or why there is none. */
export async function made(make: Entry['make'], expected: Outputs): Promise<Contender | string> {
  try {
    const contender = await make();
    const why = await wrong(contender, expected);
    if (why === undefined) return contender;
    contender.dispose();
    return why;
  } catch (error) {
    return `failed: ${String(error)}`;
  }
}

/** Why outputs are not the reference's, to a thousandth of the largest number of each. */
async function wrong(contender: Contender, expected: Outputs): Promise<string | undefined> {
  const got = await contender.outputs();
  for (const [output, numbers] of Object.entries(expected)) {
    const values = got[output];
    if (values?.length !== numbers.length) return `wrong: output ${output} is missing`;
    const largest = Math.max(1, ...Array.from(numbers, Math.abs));
    for (let at = 0; at < numbers.length; at++)
      if (!(Math.abs(values[at]! - numbers[at]!) <= largest / 1000))
        return `wrong: ${output}[${at}] is ${values[at]}, and should be ${numbers[at]}`;
  }
  return undefined;
}
