"""Campaign messages: audiences, consent, schedule and delivery. Nothing is sent by this release."""
