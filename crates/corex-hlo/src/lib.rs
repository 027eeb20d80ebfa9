//! Programs: the StableHLO subset of corex, parsed, printed, verified, built and differentiated.
