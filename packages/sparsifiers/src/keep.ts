// Keep what is there.
import { sparsifier, type Sparsifier } from '@lacuna/ir';

/**
 * Keeps every number that is not zero: conversion, said as a sparsifier.
 *
 * @example
 * ```ts
 * import { keep } from '@lacuna/sparsifiers';
 * keep().keep(Float32Array.of(0, 2), [2]); // Uint8Array [0, 1]
 * ```
 */
export function keep(): Sparsifier {
  return sparsifier({
    name: 'keep',
    kind: 'streaming',
    params: {},
    rule: { keeps: 'nonzero' },
    keep: (numbers) => Uint8Array.from(numbers, (x) => Number(x !== 0)),
  });
}
