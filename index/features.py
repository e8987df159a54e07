"""What a static encoder sees of a text: words, characters and character bigrams, order and signs left out.

A model in `index/model` was trained on exactly these features: a change here asks for a new model and a
new `RECIPE` number, which the model's manifest carries and the loader compares.
"""

from __future__ import annotations

from itertools import pairwise

from index.text import kept_runs, normalise, plain_words

RECIPE = 1


def features(text: str) -> list[str]:
    """The features of a text, repeats included.

    jieba's search-mode words of two characters or more, every single character and every bigram within a
    run of Chinese characters, letters and digits. A word of two characters counts twice, as word and bigram.
    """
    normal = normalise(text)
    found = plain_words(normal)
    for run in kept_runs(normal):
        found.extend(run)
        found.extend([one + other for one, other in pairwise(run)])
    return found
