// Lacuna, in the two forms that the demo compares. All that the demo knows of the library's networks is here.
import {
  compileNetwork,
  reference,
  WasmBackend,
  type Graph,
  type Layer,
  type Network,
} from '@lacuna/lacuna';
import type { Contender, Numbers } from './contender.js';

/** One layer as the demo reports it. */
export type LayerRow = Layer;

export interface LacunaContender extends Contender {
  /** The backend that came up, in one line. */
  readonly about: string;
  /** Multiply-adds from registers, measured here, in GFLOP/s. */
  peakGflops(): number;
  /** Every layer with its best time. */
  layers(): Promise<readonly LayerRow[]>;
}

function contender(name: string, net: Network): LacunaContender {
  const { backend } = net.engine;
  return {
    name,
    weightBytes: net.weightBytes,
    about: `lacuna ${backend.name}: ${backend.about}`,
    peakGflops: () =>
      backend instanceof WasmBackend ? backend.peakGflops() : backend.rates.flops / 1e9,
    run: (inputs) => net.run(inputs),
    async layers() {
      await net.profile(15);
      return net.layers;
    },
    dispose: () => net.dispose(),
  };
}

/** Every weight dense. */
export const lacunaDense = async (graph: Graph): Promise<LacunaContender> =>
  contender('Lacuna dense', await compileNetwork(graph, { layouts: 'dense' }));

/** The layout of each layer chosen by cost. */
export const lacunaSparse = async (graph: Graph): Promise<LacunaContender> =>
  contender('Lacuna sparse', await compileNetwork(graph, { layouts: 'auto' }));

/** What the references of our ops give, sums in double precision: slow, for when two peers differ. */
export async function referenceOutputs(graph: Graph, inputs: Numbers): Promise<Numbers> {
  const net = await compileNetwork(graph, { layouts: 'dense', backend: reference() });
  try {
    return await net.run(inputs);
  } finally {
    net.dispose();
  }
}
