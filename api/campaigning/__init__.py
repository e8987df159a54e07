"""Campaigns as this app runs them: what they rest on, which channels there are, and a test send."""
