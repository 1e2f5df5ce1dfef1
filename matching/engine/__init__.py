"""The match: a small library in plain Python that anyone can run on a file."""

from matching.engine.certificate import Report, Violation, check, report
from matching.engine.explain import Reason, explain
from matching.engine.figures import Standing
from matching.engine.market import Market, MarketError
from matching.engine.result import Result, ResultError
from matching.engine.solve import solve
from matching.engine.vacancies import Move, moves, next_offers, rematch

__all__ = [
    "Market",
    "MarketError",
    "Move",
    "Reason",
    "Report",
    "Result",
    "ResultError",
    "Standing",
    "Violation",
    "check",
    "explain",
    "moves",
    "next_offers",
    "rematch",
    "report",
    "solve",
]
