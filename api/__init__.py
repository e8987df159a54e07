"""The application: settings, wiring, conversation, channels and the command line."""
