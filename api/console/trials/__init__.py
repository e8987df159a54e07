"""Parts of the pages on which things are tried: the test bench, the lexicon, the conflict list."""
