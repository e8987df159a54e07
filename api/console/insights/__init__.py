"""The drawn side of what residents ask: charts, groups of questions, the inbox. Pages put them together."""
