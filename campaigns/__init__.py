"""Campaign messages: who asked for which, what is written and approved, and one row for each recipient.

Imports nothing of the app: persons come as pseudonyms, districts as names, the database as an Engine.
"""
