"""Learning to order: a network of one hidden layer under a listwise softmax (torch, for training only)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from index.describing import FEATURES
from index.ranking import Network

HIDDEN = 16
MEMBERS = 3
EPOCHS = 15
BATCH = 256
LEARNING_RATE = 5e-3
DECAY = 0.02


@dataclass(frozen=True, slots=True)
class Listed:
    """One question's candidates: features (n, len(FEATURES)), which are right, how much it counts."""

    features: np.ndarray
    right: np.ndarray
    weight: float


class _Scorer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(len(FEATURES), 1, bias=False)
        self.hidden = nn.Linear(len(FEATURES), HIDDEN)
        self.output = nn.Linear(HIDDEN, 1, bias=False)
        nn.init.zeros_(self.linear.weight)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.linear(features) + self.output(torch.tanh(self.hidden(features)))
        return scores.squeeze(-1)


def fit_order(lists: Sequence[Listed]) -> Network:
    """Weights that maximise the mean log probability, under a softmax, of the right candidates.

    Each list needs at least one right candidate. `MEMBERS` networks from different starts are averaged
    into one. The same lists give the same weights.
    """
    scale = np.concatenate([one.features for one in lists]).std(axis=0)
    scale[scale < 1e-6] = 1.0
    padded = _padded(lists, scale)
    members = [_exported(_fit_member(lists, *padded, seed=seed), scale) for seed in range(MEMBERS)]
    return Network(
        features=list(FEATURES),
        linear=[round(float(value), 6) for value in np.mean([m.linear for m in members], axis=0)],
        hidden=[row for m in members for row in m.hidden],
        bias=[value for m in members for value in m.bias],
        output=[round(value / MEMBERS, 6) for m in members for value in m.output],
    )


def _fit_member(
    lists: Sequence[Listed], features: torch.Tensor, present: torch.Tensor, right: torch.Tensor, *, seed: int
) -> _Scorer:
    torch.manual_seed(seed)
    weight = torch.tensor([one.weight for one in lists])
    weight = weight / weight.mean()
    scorer = _Scorer()
    optimiser = torch.optim.AdamW(scorer.parameters(), lr=LEARNING_RATE, weight_decay=DECAY)
    lowest = torch.finfo(torch.float32).min
    for _ in range(EPOCHS):
        shuffled = torch.randperm(len(lists))
        for start in range(0, len(lists), BATCH):
            chosen = shuffled[start : start + BATCH]
            scores = scorer(features[chosen]).masked_fill(~present[chosen], lowest)
            among_right = torch.logsumexp(scores.masked_fill(~right[chosen], lowest), 1)
            loss = ((torch.logsumexp(scores, 1) - among_right) * weight[chosen]).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return scorer


def _padded(lists: Sequence[Listed], scale: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    longest = max(len(one.right) for one in lists)
    features = torch.zeros(len(lists), longest, len(FEATURES))
    present = torch.zeros(len(lists), longest, dtype=torch.bool)
    right = torch.zeros(len(lists), longest, dtype=torch.bool)
    for number, one in enumerate(lists):
        count = len(one.right)
        features[number, :count] = torch.from_numpy(one.features / scale)
        present[number, :count] = True
        right[number, :count] = torch.from_numpy(one.right)
    return features, present, right


def _exported(scorer: _Scorer, scale: np.ndarray) -> Network:
    """The scale of the features goes into the weights, so that serving needs none."""

    def numbers(weights: torch.Tensor) -> list[float]:
        return [round(float(value), 6) for value in weights.detach().numpy().ravel()]

    by_scale = torch.from_numpy(scale)
    return Network(
        features=list(FEATURES),
        linear=numbers(scorer.linear.weight / by_scale),
        hidden=[numbers(row / by_scale) for row in scorer.hidden.weight],
        bias=numbers(scorer.hidden.bias),
        output=numbers(scorer.output.weight),
    )
