"""The app's side of publishing: the live index behind its port, the loop that keeps up, where an answer came
from, and corrections to those who got it."""
