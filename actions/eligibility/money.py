"""Money as exact decimals: a rate of a price, cut at a cap, and how a figure is written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact

FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Share:
    """`product` is exact; `amount` is the product to the fen, half a fen up, and never above the cap."""

    product: Decimal
    amount: Decimal
    cap_reached: bool


def share(price: Decimal, rate: Decimal, cap: Decimal | None) -> Share:
    """What `rate` of `price` comes to. All figures are finite and positive."""
    exact = _context(price, rate).multiply(price, rate)
    amount = to_fen(exact)
    if cap is None:
        return Share(exact, amount, False)
    return Share(exact, min(amount, cap), exact >= cap)


def to_fen(number: Decimal) -> Decimal:
    return number.quantize(FEN, rounding=ROUND_HALF_UP, context=_context(number))


def written(number: Decimal) -> str:
    """20000.00 as 20000, 12.50 as 12.5, 1E+3 as 1000."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _context(*numbers: Decimal) -> Context:
    """Room for every digit of the numbers' product and of its fen."""
    room = sum(len(number.as_tuple().digits) + abs(number.adjusted()) for number in numbers)
    return Context(prec=room + 4, traps=[Inexact] if len(numbers) > 1 else [])
