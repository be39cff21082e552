//! The SIMD kernels of the WASM backend.
//!
//! Every export is a leaf: pointers and sizes in, numbers out. No allocation, no statics, no
//! reachable panic. `begin..end` is a range of outputs, so that threads split work over outputs and
//! never over a sum. ABI.md lists the exports; one file holds one family.
//!
//! A product is Y[M,N] = act(W[M,K] · X[K,N] + bias[M]): features × positions.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![allow(clippy::missing_safety_doc, clippy::too_many_arguments, clippy::needless_range_loop)]

pub mod act;
pub mod assign;
pub mod blocks;
pub mod columns;
pub mod compress;
pub mod conv;
pub mod dense;
pub mod depthwise;
pub mod direct;
pub mod dots;
pub mod elementwise;
pub mod even;
pub mod exp;
pub mod greatest;
pub mod grouped;
pub mod groups;
pub mod lanes;
pub mod listed;
pub mod lookup;
pub mod masks;
pub mod merged;
pub mod nm;
pub mod nm24;
pub mod nmg;
pub mod nmg_in;
pub mod nmg_rows;
pub mod nonzero;
pub mod norm;
pub mod pack;
pub mod pairs;
pub mod peak;
pub mod pool;
pub mod reduce;
pub mod rows;
pub mod sampled;
pub mod scatter;
pub mod select;
pub mod shape;
pub mod simd;
pub mod singles;
pub mod spread;
pub mod tiles;
pub mod twins;
pub mod unary;
pub mod undense;
pub mod vector;
pub mod wide;

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
