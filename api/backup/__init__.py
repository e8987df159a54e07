"""Everything that a running installation has and nothing can make again, in one file, and back from it.

That is the database, Rasa's conversations and the keys. The index and the dialogue model are built anew at
the next start from what is restored.
"""
