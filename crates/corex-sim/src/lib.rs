//! Seeded whole-network simulation with faults.
