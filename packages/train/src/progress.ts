// What a run says while it goes on: data, one union. Steps never go back, and the last event always comes.

/** Something that a run says. */
export type Progress =
  | { readonly phase: 'start'; readonly step: number; readonly steps: number }
  | {
      readonly phase: 'train';
      /** Steps taken, this one included. */
      readonly step: number;
      readonly steps: number;
      /** Epochs begun. */
      readonly epoch: number;
      readonly loss: number;
      readonly rate: number;
    }
  | {
      readonly phase: 'end';
      readonly step: number;
      readonly steps: number;
      readonly outcome: 'done' | 'aborted' | 'failed';
    };
