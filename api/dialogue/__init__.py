"""Dialogue: the Rasa process this app keeps, the model it trains for it, and the client that talks to it."""
