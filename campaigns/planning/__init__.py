"""Campaigns before they run: content, audience, schedule, review, approval, and the week's plan."""
