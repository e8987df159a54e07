"""Training of the encoder and of the decision; nothing here is imported while serving."""
