"""Guided tasks: what residents do step by step, beside asking. `runner` leads, the others are the tasks."""
