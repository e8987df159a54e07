"""How much somebody can get, reckoned from the rules that programmes publish and what a resident tells.

`facts` is what was told, `reading` reads it from a resident's words, `calculator` reckons, `card` words the
result. No amount, rate, cap or date stands in this code: they are the programmes'.
"""

from actions.eligibility.calculator import entitlements, next_question
from actions.eligibility.card import card
from actions.eligibility.facts import DateSpan, Facts
from actions.eligibility.problems import Problem
from actions.eligibility.reading import cannot_tell, read
from actions.eligibility.results import Assessment, Check, Entitlement

__all__ = [
    "Assessment",
    "Check",
    "DateSpan",
    "Entitlement",
    "Facts",
    "Problem",
    "cannot_tell",
    "card",
    "entitlements",
    "next_question",
    "read",
]
