"""How knowledge is found: normalise, encode, search, fuse, decide; snapshots and training."""
