// Small graph models, written as their files are: for tests of the reader.

/** A node of a file. */
export interface TinyNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

/** Attributes in the file's words. */
export const a = {
  shape: (...dims: number[]) => ({ shape: { dim: dims.map((size) => ({ size: String(size) })) } }),
  ints: (...items: number[]) => ({ list: { i: items.map(String) } }),
  int: (i: number) => ({ i: String(i) }),
  float: (f: number) => ({ f }),
  bool: (b: boolean) => ({ b }),
  string: (s: string) => ({ s: btoa(s) }),
  strings: (...items: string[]) => ({ list: { s: items.map((s) => btoa(s)) } }),
  type: (type: string) => ({ type }),
};

/** An input of the model. */
export const placeholder = (name: string, ...dims: number[]): TinyNode => ({
  name,
  op: 'Placeholder',
  attr: { shape: a.shape(...dims), dtype: a.type('DT_FLOAT') },
});

/** A constant, with whole numbers where it says so. */
export interface TinyConst {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly whole?: boolean;
}

/** A model file and its weights. */
export function tinyModel(
  nodes: readonly TinyNode[],
  constants: Readonly<Record<string, TinyConst>> = {},
): { json: TinyJson; weights: Uint8Array<ArrayBuffer> } {
  const entries = Object.entries(constants);
  const bytes = new DataView(
    new ArrayBuffer(4 * entries.reduce((n, [, c]) => n + c.data.length, 0)),
  );
  let at = 0;
  for (const [, { data, whole }] of entries) {
    for (const x of data) {
      if (whole) bytes.setInt32(at, x, true);
      else bytes.setFloat32(at, x, true);
      at += 4;
    }
  }
  const weights = entries.map(([name, { shape, whole }]) => ({
    name,
    shape,
    dtype: whole ? 'int32' : 'float32',
  }));
  const consts = entries.map(([name, { whole }]): TinyNode => {
    const type = a.type(whole ? 'DT_INT32' : 'DT_FLOAT');
    return { name, op: 'Const', attr: { dtype: type } };
  });
  return {
    json: {
      format: 'graph-model',
      modelTopology: { node: [...nodes, ...consts], versions: { producer: 1 } },
      weightsManifest: [{ paths: ['tiny.bin'], weights }],
    },
    weights: new Uint8Array(bytes.buffer),
  };
}

/** What {@link tinyModel} makes. */
export interface TinyJson {
  readonly format: string;
  readonly modelTopology: {
    readonly node: readonly TinyNode[];
    readonly versions: { readonly producer: number };
  };
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly { name: string; shape: readonly number[]; dtype: string }[];
  }[];
}
