"""Campaign messages: who asked for which, and under which words. Nothing is sent by this release.

Imports nothing of the app: persons come as pseudonyms, districts as names, the database as an Engine.
"""
