"""What residents ask, in figures and in groups: a turn's facts, figures, gaps and their way to entries."""
