//! Ids, blobs, tasks, receipts and jobs: canonical encodings, EIP-712 types, Merkle trees.
