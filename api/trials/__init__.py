"""Asking snapshots other than the live one: what is drafted, what was live before, another lexicon.

Nothing here changes what residents are told, and nothing is written.
"""
