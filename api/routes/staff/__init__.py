"""What scripts of staff may call: below `/console/api/v1`, with the console's session, roles and origin."""
