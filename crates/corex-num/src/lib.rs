//! Exact f32 arithmetic: scalar functions, GEMM and reductions with one answer on every machine.
