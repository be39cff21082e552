// Graphics processors as their makers describe them: what the arithmetic of expected speeds goes by.

/** A card's public numbers. */
export interface Card {
  readonly name: string;
  /** Float32, without tensor cores: multiply-adds are two operations. */
  readonly gflops: number;
  /** Of its memory. */
  readonly gbs: number;
  /** Multiply-adds that it starts in a cycle: threads that keep it busy at least. */
  readonly lanes: number;
  readonly source: string;
}

/** One of each kind: large, of a data centre, of a laptop, small. */
export const cards: readonly Card[] = [
  {
    name: 'GeForce RTX 4090',
    gflops: 82_600,
    gbs: 1008,
    lanes: 16_384,
    source:
      '[NVIDIA, Ada GPU architecture](https://images.nvidia.com/aem-dam/Solutions/geforce/ada/nvidia-ada-gpu-architecture.pdf)',
  },
  {
    name: 'NVIDIA T4',
    gflops: 8100,
    gbs: 320,
    lanes: 2560,
    source: '[NVIDIA, T4](https://www.nvidia.com/en-us/data-center/tesla-t4/)',
  },
  {
    name: 'Apple M2, 10 cores',
    gflops: 3600,
    gbs: 100,
    lanes: 1280,
    source:
      '[Apple, M2](https://www.apple.com/newsroom/2022/06/apple-unveils-m2-with-breakthrough-performance-and-capabilities/)',
  },
  {
    name: 'Intel Iris Xe MAX',
    gflops: 2534,
    gbs: 68,
    lanes: 768,
    source:
      '96 units of 8 lanes at 1.65 GHz, 128 bits of LPDDR4X-4266: [comparison](https://fpsbench.com/compare/gpu/intel-iris-xe-max-graphics-vs-intel-uhd-graphics-p750)',
  },
];
