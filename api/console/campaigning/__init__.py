"""What the campaign pages are made of: the message's editor, whom and when, steps, runs and figures."""
