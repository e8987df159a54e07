"""Where residents are: chat apps and other systems as channels of one assistant.

A channel turns what it receives into `Incoming` and shows replies; the desk does everything between. Owns
which chat has which conversation, and that an update is answered once. Adding a channel: docs/channels.md.
"""
