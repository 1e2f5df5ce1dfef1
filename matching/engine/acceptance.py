"""Trainee-proposing deferred acceptance over nested circles of seats."""

from array import array
from collections.abc import Set
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace

from matching.engine.arrays import Arrays

__all__ = ["Seats", "defer", "free_seats"]


@dataclass(frozen=True, slots=True)
class Seats:
    """Who holds which seat, and how many are left.

    Attributes
    ----------
    held : list of lists of keys, one min-heap per cell
        Without fixed placements: nobody may take those seats.
    fixed : list of (trainee, cell)
        Fixed placements at open projects.
    cell_left, project_left, company_left : list of int
        Seats nobody holds; a closed project has none.
    """

    held: list[list[int]]
    fixed: list[tuple[int, int]]
    cell_left: list[int]
    project_left: list[int]
    company_left: list[int]

    def worst(self, cells: tuple[int, ...]) -> int:
        """The cell among ``cells`` that holds the worst key, or -1 if nobody is there."""
        held = self.held
        return min((cell for cell in cells if held[cell]), key=lambda cell: held[cell][0], default=-1)

    def take(self, arrays: Arrays, cell: int, key: int) -> None:
        """Give a free seat to a pair."""
        project = arrays.cell_project[cell]
        heappush(self.held[cell], key)
        self.cell_left[cell] -= 1
        self.project_left[project] -= 1
        self.company_left[arrays.company_of[project]] -= 1

    def sizes(self, arrays: Arrays) -> list[int]:
        """People per project, fixed placements among them."""
        sizes = [0] * len(arrays.projects)
        for cell, keys in enumerate(self.held):
            sizes[arrays.cell_project[cell]] += len(keys)
        for _, cell in self.fixed:
            sizes[arrays.cell_project[cell]] += 1
        return sizes

    def project_of_trainee(self, arrays: Arrays) -> "array[int]":
        """The project of each trainee, -1 for none."""
        count = len(arrays.trainees)
        found = array("l", [-1]) * count
        for cell, keys in enumerate(self.held):
            for key in keys:
                found[key % count] = arrays.cell_project[cell]
        for trainee, cell in self.fixed:
            found[trainee] = arrays.cell_project[cell]
        return found


def free_seats(arrays: Arrays, closed: Set[int]) -> Seats:
    """Every seat free but the fixed ones; a closed project has no seats, and what was fixed there falls."""
    seats = Seats(
        held=[[] for _ in arrays.cell_cap],
        fixed=[(trainee, cell) for trainee, cell in arrays.fixed if arrays.cell_project[cell] not in closed],
        cell_left=list(arrays.cell_cap),
        project_left=[0 if project in closed else cap for project, cap in enumerate(arrays.project_cap)],
        company_left=list(arrays.company_cap),
    )
    for project in closed:
        seats.cell_left[project] = 0
    for _, cell in seats.fixed:
        project = arrays.cell_project[cell]
        seats.cell_left[cell] -= 1
        seats.project_left[project] -= 1
        seats.company_left[arrays.company_of[project]] -= 1
    return seats


def defer(arrays: Arrays, closed: Set[int] = frozenset()) -> Seats:
    """The trainee-optimal stable matching of the open projects.

    A proposal looks at the smallest full circle around it: the cell, else the project, else the company.
    If one is full, the pair must stand better than the worst pair held there, which then goes; if none is,
    it is accepted. What was refused once stays refused, for a full circle stays full and its worst pair only
    gets better, and so nothing is ever deleted from inside a heap.

    Parameters
    ----------
    arrays : Arrays
    closed : set of int
        Projects that take nobody.

    Returns
    -------
    Seats

    Notes
    -----
    O(total length of the lists · log of the places), times the cells of a company where its cap binds.
    All standings are strict, so the answer is unique and the order of proposals does not matter.

    References
    ----------
    Gale & Shapley 1962; Abraham, Irving & Manlove 2007 (SPA-S); Abu El-Atta & Moussa 2009 (pair standings).
    """
    seats = free_seats(arrays, closed)
    held, cell_left, project_left, company_left = (
        seats.held,
        seats.cell_left,
        seats.project_left,
        seats.company_left,
    )
    wish_cell, wish_key, cell_project, company_of = (
        arrays.wish_cell,
        arrays.wish_key,
        arrays.cell_project,
        arrays.company_of,
    )
    count = len(arrays.trainees)
    next_wish, wish_end = arrays.wish_start[:-1], arrays.wish_start[1:]
    for trainee, _ in seats.fixed:
        next_wish[trainee] = wish_end[trainee]

    for proposer in range(count):
        trainee = proposer
        wish = next_wish[trainee]
        while wish < wish_end[trainee]:
            next_wish[trainee] = wish + 1
            cell, key = wish_cell[wish], wish_key[wish]
            heap = held[cell]
            if not cell_left[cell]:
                if heap and heap[0] < key:
                    trainee = heapreplace(heap, key) % count
            else:
                project = cell_project[cell]
                company = company_of[project]
                if not project_left[project]:
                    losing = seats.worst(arrays.cells_of_project[project])
                elif not company_left[company]:
                    losing = seats.worst(arrays.cells_of_company[company])
                else:
                    heappush(heap, key)
                    cell_left[cell] -= 1
                    project_left[project] -= 1
                    company_left[company] -= 1
                    break
                if losing >= 0 and held[losing][0] < key:
                    trainee = heappop(held[losing]) % count
                    heappush(heap, key)
                    cell_left[losing] += 1
                    cell_left[cell] -= 1
                    project_left[cell_project[losing]] += 1
                    project_left[project] -= 1
            wish = next_wish[trainee]
    return seats
