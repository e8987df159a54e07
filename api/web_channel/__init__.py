"""The web widget as a channel of campaigns: a notice waits in the resident's conversation until it is seen.

Owns notices, the pictures that they show, and what residents do with them (opened, a link, a quiz, a pledge),
counted in sums that name nobody. It must not know when a campaign runs or who is in its audience.
"""
