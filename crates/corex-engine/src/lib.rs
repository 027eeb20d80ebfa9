//! Evaluation of programs: the reference interpreter (the law) and the fast executor.
