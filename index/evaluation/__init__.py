"""What the shipped configuration is worth: question sets, verdicts, calibration, ablation and peers.

Measures the search and its decision as residents meet them; small talk belongs to the dialogue and is left
out. Nothing here is ever learnt from, and nothing that answers residents imports it.
"""
