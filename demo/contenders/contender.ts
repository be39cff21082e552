// What takes part in the demo: something that turns inputs into outputs, with weights of some size.

/** Numbers by the names of inputs or outputs. */
export type Numbers = Readonly<Record<string, Float32Array>>;

export interface Contender {
  readonly name: string;
  /** Bytes that its weights take in memory. */
  readonly weightBytes: number;
  /** From numbers to numbers: copies in and out are part of it, for everybody. */
  run(inputs: Numbers): Promise<Numbers>;
  dispose(): void;
}
