"""What 绿小渝 adds to Rasa 3.6: a channel, response stamping, an intent gate, speed-ups and quiet logs.

Runs on Rasa's own Python (3.10) and imports nothing of the app.
"""
