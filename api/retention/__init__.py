"""How long things are kept: deletion of what nobody used for long, erasure when a resident asks."""
