"""Runs and deliveries: from an approved campaign to one settled row a recipient, exactly once."""
