"""The match: a small library in plain Python that anyone can run on a file."""

from matching.engine.certificate import Violation, check
from matching.engine.explain import Reason, explain
from matching.engine.figures import Standing
from matching.engine.market import Market, MarketError
from matching.engine.result import Result, ResultError
from matching.engine.solve import solve

__all__ = [
    "Market",
    "MarketError",
    "Reason",
    "Result",
    "ResultError",
    "Standing",
    "Violation",
    "check",
    "explain",
    "solve",
]
