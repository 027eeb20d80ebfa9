//! Programs as text: reading, printing, canonical form, limits.

mod exports;
