// What an engine tells those who listen: plain data, one union. A library never writes to the console.

/** Something that happened in an engine. */
export type EngineEvent =
  | { readonly type: 'plan'; readonly key: string; readonly nodes: number; readonly ms: number }
  | {
      readonly type: 'choose';
      readonly op: string;
      readonly kernel: string;
      readonly seconds: number;
      readonly runnerUp?: string;
    }
  | { readonly type: 'convert'; readonly from: string; readonly to: string; readonly why: string }
  | { readonly type: 'fallback'; readonly op: string; readonly why: string }
  | { readonly type: 'alloc'; readonly bytes: number; readonly used: number }
  | { readonly type: 'run'; readonly key: string; readonly steps: number; readonly ms: number }
  | { readonly type: 'free'; readonly bytes: number; readonly used: number }
  | { readonly type: 'read'; readonly bytes: number };

/** Called with each event, as it happens. */
export type Listener = (event: EngineEvent) => void;
