"""From what was approved to what is answered: preview, golden questions, publication, taking back at once.

Owns the order in which a change becomes an answer, and the ports through which an index is built and asked.
It must not know the index, the app or HTTP.
"""
