"""Deferred acceptance over nested circles of seats, proposed by trainees or by companies."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from heapq import heapify, heappop, heappush, heapreplace
from math import inf

from matching.engine.arrays import Arrays

__all__ = ["Seats", "Step", "defer", "free_seats", "offer"]

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Seats:
    """Who holds which seat, and how many are left.

    Attributes
    ----------
    held : list of lists of keys, one min-heap per cell
        Without fixed placements: nobody may take those seats.
    fixed : list of (trainee, cell)
        Fixed placements at open projects.
    wish : list of int, one entry per trainee
        The wish that was granted, -1 for none.
    cell_left, project_left, company_left : list of int
        Seats nobody holds; a closed project has none.
    """

    held: list[list[int]]
    fixed: list[tuple[int, int]]
    wish: list[int]
    cell_left: list[int]
    project_left: list[int]
    company_left: list[int]

    def worst(self, cells: tuple[int, ...]) -> int:
        """The cell among ``cells`` that holds the worst key, or -1 if nobody is there."""
        held = self.held
        losing, key = NOBODY, 0
        for cell in cells:
            heap = held[cell]
            if heap and (losing < 0 or heap[0] < key):
                losing, key = cell, heap[0]
        return losing

    def take(self, arrays: Arrays, trainee: int, wish: int) -> None:
        """Give a free seat to a wish."""
        cell = arrays.wish_cell[wish]
        heappush(self.held[cell], arrays.wish_key[wish])
        self.wish[trainee] = wish
        self.count(arrays, cell, -1)

    def leave(self, arrays: Arrays, trainee: int) -> int:
        """Free the seat of a trainee who holds one; answers its cell."""
        wish = self.wish[trainee]
        cell = arrays.wish_cell[wish]
        self.held[cell].remove(arrays.wish_key[wish])
        heapify(self.held[cell])
        self.wish[trainee] = NOBODY
        self.count(arrays, cell, 1)
        return cell

    def count(self, arrays: Arrays, cell: int, seats: int) -> None:
        """So many seats more are free in a cell, its project and its company."""
        project = arrays.cell_project[cell]
        self.cell_left[cell] += seats
        self.project_left[project] += seats
        self.company_left[arrays.company_of[project]] += seats

    def sizes(self, arrays: Arrays) -> list[int]:
        """People per project, fixed placements among them."""
        sizes = [0] * len(arrays.projects)
        for cell, keys in enumerate(self.held):
            sizes[arrays.cell_project[cell]] += len(keys)
        for _, cell in self.fixed:
            sizes[arrays.cell_project[cell]] += 1
        return sizes

    def project_of_trainee(self, arrays: Arrays) -> list[int]:
        """The project of each trainee, -1 for none."""
        cell_project, wish_cell = arrays.cell_project, arrays.wish_cell
        found = [NOBODY if wish < 0 else cell_project[wish_cell[wish]] for wish in self.wish]
        for trainee, cell in self.fixed:
            found[trainee] = cell_project[cell]
        return found

    def rank_profile(self, arrays: Arrays) -> tuple[int, ...]:
        """How many got their first choice, their second, …; a fixed project counts by its place on the list."""
        granted = [(trainee, wish) for trainee, wish in enumerate(self.wish) if wish >= 0]
        for trainee, cell in self.fixed:
            project = arrays.cell_project[cell]
            own = arrays.wishes_of(trainee)
            at_project = (one for one in own if arrays.cell_project[arrays.wish_cell[one]] == project)
            granted += [(trainee, wish) for wish in list(at_project)[:1]]
        ranks: dict[int, int] = {}
        for trainee, wish in granted:
            rank = arrays.rank_of(trainee, wish)
            ranks[rank] = ranks.get(rank, 0) + 1
        return tuple(ranks.get(rank, 0) for rank in range(max(ranks, default=-1) + 1))


@dataclass(frozen=True, slots=True)
class Step:
    """One seat given by `offer`: to whom, by which wish, and the wish they held before (-1 for none)."""

    trainee: int
    wish: int
    before: int


def free_seats(arrays: Arrays, closed: Set[int]) -> Seats:
    """Every seat free but the fixed ones; a closed project has no seats, and what was fixed there falls."""
    seats = Seats(
        held=[[] for _ in arrays.cell_cap],
        fixed=[(trainee, cell) for trainee, cell in arrays.fixed if arrays.cell_project[cell] not in closed],
        wish=[NOBODY] * len(arrays.trainees),
        cell_left=list(arrays.cell_cap),
        project_left=[0 if project in closed else cap for project, cap in enumerate(arrays.project_cap)],
        company_left=list(arrays.company_cap),
    )
    for project in closed:
        seats.cell_left[project] = 0
    for _, cell in seats.fixed:
        seats.count(arrays, cell, -1)
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
    propose(arrays, seats, _without_fixed(arrays, seats))
    return seats


def _without_fixed(arrays: Arrays, seats: Seats) -> Sequence[int]:
    people: Sequence[int] = range(len(arrays.trainees))
    if not seats.fixed:
        return people
    fixed = {trainee for trainee, _ in seats.fixed}
    return [trainee for trainee in people if trainee not in fixed]


def propose(arrays: Arrays, seats: Seats, proposers: Iterable[int]) -> None:
    """Let ``proposers``, who hold nothing, go down their lists one after the other.

    The hot loop of every run: it reads what it needs into local names, and remembers for each cell a ``bar`` below
    which a key is refused without looking further: the worst key of the full cell, or of the full company around it
    when it was last looked at. A full circle stays full and its worst key only rises, so a bar is never too high.
    """
    held, granted = seats.held, seats.wish
    cell_left, project_left, company_left = seats.cell_left, seats.project_left, seats.company_left
    wish_start, wish_cell, wish_key = arrays.wish_start, arrays.wish_cell, arrays.wish_key
    owner, people = arrays.owner, len(arrays.owner)
    cell_project, company_of = arrays.cell_project, arrays.company_of
    cells_of_project, cells_of_company = arrays.cells_of_project, arrays.cells_of_company
    bar: list[float] = [NOBODY if left else inf for left in cell_left]
    for cell, heap in enumerate(held):
        if heap and not cell_left[cell]:
            bar[cell] = heap[0]

    for proposer in proposers:
        trainee, begin = proposer, wish_start[proposer]
        while True:
            for wish in range(begin, wish_start[trainee + 1]):
                cell, key = wish_cell[wish], wish_key[wish]
                if key < bar[cell]:
                    continue
                heap = held[cell]
                if not cell_left[cell]:
                    loser = heapreplace(heap, key)
                    bar[cell] = heap[0]
                    break
                project = cell_project[cell]
                company = company_of[project]
                if project_left[project] and company_left[company]:
                    heappush(heap, key)
                    cell_left[cell] -= 1
                    project_left[project] -= 1
                    company_left[company] -= 1
                    if not cell_left[cell]:
                        bar[cell] = heap[0]
                    loser = NOBODY
                    break
                losing = seats.worst(
                    cells_of_company[company] if project_left[project] else cells_of_project[project]
                )
                if losing < 0 or key < held[losing][0]:
                    bar[cell] = held[losing][0] if losing >= 0 else inf
                    continue
                loser = heappop(held[losing])
                heappush(heap, key)
                cell_left[losing] += 1
                cell_left[cell] -= 1
                project_left[cell_project[losing]] += 1
                project_left[project] -= 1
                if not cell_left[cell]:
                    bar[cell] = heap[0]
                break
            else:
                break  # the end of the list
            granted[trainee] = wish
            if loser < 0:
                break
            trainee = owner[loser % people]
            begin = granted[trainee] + 1
            granted[trainee] = NOBODY


def offer(
    arrays: Arrays,
    seats: Seats,
    bound: Sequence[int],
    refused: Set[int] = frozenset(),
    keeping: Mapping[int, tuple[int, int]] | None = None,
) -> Iterator[Step]:
    """Give free seats away, company by company, to the best-standing pair whose trainee gains, until none does.

    A seat left for a better one is free again and given on. From free seats this is the matching of deferred
    acceptance proposed by companies; from a stable matching that somebody left it is the vacancy chain.

    Parameters
    ----------
    arrays : Arrays
    seats : Seats
        Changed in place.
    bound : sequence of int, one entry per trainee
        A trainee gains by the wishes from the start of the list up to this one (without it).
    refused : set of int
        Wishes that are not offered again.
    keeping : mapping of trainee to (company, key), optional
        Who keeps a seat there, already counted, until they answer: inside that company they need no second one,
        even if it is full, where they stand no worse.

    Yields
    ------
    Step
        Every seat given, in order. Nobody ever gets worse; which matching it ends with does not depend on the
        order, for a company's choice from pairs is greedy over nested circles (a laminar matroid).

    Notes
    -----
    O(L log L) for lists of total length L, times the cells of a company.

    References
    ----------
    Abraham, Irving & Manlove 2007, section 4 (lecturers propose); Blum, Roth & Rothblum 1997 (vacancy chains).
    """
    bounds, kept = list(bound), keeping or {}
    asking = _by_standing(arrays, bounds, refused)
    outside = (NOBODY, 0)
    insiders = {company for company, _ in kept.values()}
    companies = deque(
        company for company, left in enumerate(seats.company_left) if left or company in insiders
    )

    def next_in(cell: int, company: int) -> int:
        """The position in the cell's queue of the best pair that gains and fits into the company, or -1."""
        queue = asking[cell]
        while queue and -queue[-1][1] >= bounds[queue[-1][2]]:
            queue.pop()
        if seats.company_left[company] or company not in insiders:
            return len(queue) - 1
        inside = (
            position
            for position in range(len(queue) - 1, -1, -1)
            for key, minus_wish, trainee in [queue[position]]
            for home, held_key in [kept.get(trainee, outside)]
            if home == company and key >= held_key and -minus_wish < bounds[trainee]
        )
        return next(inside, NOBODY)

    while companies:
        company = companies.popleft()
        while seats.company_left[company] or company in insiders:
            best: tuple[tuple[int, int, int], int, int] | None = None
            for cell in arrays.cells_of_company[company]:
                if seats.cell_left[cell] and seats.project_left[arrays.cell_project[cell]]:
                    position = next_in(cell, company)
                    if position >= 0 and (best is None or asking[cell][position] > best[0]):
                        best = asking[cell][position], cell, position
            if best is None:
                break
            (_, minus_wish, trainee), cell, position = best
            asking[cell].pop(position)
            before, wish = seats.wish[trainee], -minus_wish
            if before >= 0:
                left = arrays.company_of[arrays.cell_project[seats.leave(arrays, trainee)]]
                seats.company_left[left] -= kept.get(trainee, outside)[0] == left
                companies.append(left)
            seats.take(arrays, trainee, wish)
            seats.company_left[company] += kept.get(trainee, outside)[0] == company
            bounds[trainee] = wish
            yield Step(trainee, wish, before)


def _by_standing(
    arrays: Arrays, bounds: Sequence[int], refused: Set[int]
) -> list[list[tuple[int, int, int]]]:
    """Per cell, (key, minus the wish, trainee) of those who would gain there, the best standing last.

    A company's standings may not tell two of a trainee's own wishes apart: then the trainee's order does.
    """
    asking: list[list[tuple[int, int, int]]] = [[] for _ in arrays.cell_cap]
    for trainee, bound in enumerate(bounds):
        for wish in range(arrays.wish_start[trainee], bound):
            if wish not in refused:
                asking[arrays.wish_cell[wish]].append((arrays.wish_key[wish], -wish, trainee))
    for queue in asking:
        queue.sort()
    return asking
