//! Model families, optimizers and data sampling: they write programs.
