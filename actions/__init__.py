"""What the dialogue calls: answering from the index, handing over, and the webhook that Rasa uses."""
