export * from '@lacuna/ir';
export * from '@lacuna/layouts';
export * from '@lacuna/sparsifiers';
export * from '@lacuna/ops';
export * from '@lacuna/engine';
export * from '@lacuna/io';
export { wasm, wasmKernel, WasmBackend } from '@lacuna/backend-wasm';
export { reference } from '@lacuna/reference';
export * from './network.js';
