//! The peers: OpenBLAS and MKL, loaded at run time, and the `gemm` crate.

use corex_num::MatRef;
use libloading::Library;

use crate::Shape;

type Sgemm = unsafe extern "C" fn(
    i32,
    i32,
    i32,
    i32,
    i32,
    i32,
    f32,
    *const f32,
    i32,
    *const f32,
    i32,
    f32,
    *mut f32,
    i32,
);

/// `cblas_sgemm` of a loaded library, set to one thread.
pub struct Blas {
    sgemm: Sgemm,
    /// Keeps the code behind `sgemm` mapped.
    _library: Library,
}

impl Blas {
    /// OpenBLAS or MKL; `set_threads` is the function that sets the number of threads.
    pub fn open(path: &str, set_threads: &str) -> Result<Self, String> {
        // SAFETY: loading either only starts its own initialisation.
        let library = unsafe { Library::new(path) }.map_err(|e| format!("cannot load {path}: {e}"))?;
        // SAFETY: the types are those of cblas.h with 32-bit integers, which OpenBLAS's soname and MKL's default promise.
        let sgemm = unsafe {
            let set_threads = library.get::<unsafe extern "C" fn(i32)>(set_threads.as_bytes());
            set_threads.map_err(|e| format!("{path}: {e}"))?(1);
            *library.get::<Sgemm>(b"cblas_sgemm").map_err(|e| format!("{path}: {e}"))?
        };
        Ok(Self { sgemm, _library: library })
    }

    pub fn gemm(&self, shape: &Shape, a: &[f32], b: &[f32], c: &mut [f32]) {
        const ROW_MAJOR: i32 = 101;
        let layout = |transposed| if transposed { 112 } else { 111 };
        let [m, n, k] = [shape.m, shape.n, shape.k].map(|x| x as i32);
        let (lda, ldb) = (if shape.a_transposed { m } else { k }, if shape.b_transposed { k } else { n });
        let (ta, tb) = (layout(shape.a_transposed), layout(shape.b_transposed));
        // SAFETY: the slices hold m x k, k x n and m x n elements with these leading dimensions.
        unsafe {
            let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
            (self.sgemm)(ROW_MAJOR, ta, tb, m, n, k, 1.0, a, lda, b, ldb, 0.0, c, n);
        }
    }
}

pub fn gemm_crate(shape: &Shape, a: MatRef<'_>, b: MatRef<'_>, c: &mut [f32]) {
    let stride = |s: usize| s as isize;
    // SAFETY: the views hold m x k and k x n elements, `c` m x n.
    unsafe {
        gemm::gemm(
            shape.m,
            shape.n,
            shape.k,
            c.as_mut_ptr(),
            1,
            stride(shape.n),
            false,
            a.data.as_ptr(),
            stride(a.col_stride),
            stride(a.row_stride),
            b.data.as_ptr(),
            stride(b.col_stride),
            stride(b.row_stride),
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
