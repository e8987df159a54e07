"""Entries proposed from a text: its sentences that state a fact, asked about as residents would ask."""

from knowledge.proposing.figures import FigureChange, changed_figures
from knowledge.proposing.proposals import Nearby, NearQuestion, NoneNearby, ProposedEntry, propose

__all__ = [
    "FigureChange",
    "NearQuestion",
    "Nearby",
    "NoneNearby",
    "ProposedEntry",
    "changed_figures",
    "propose",
]
