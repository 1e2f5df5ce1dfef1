"""A run and its scenarios side by side: the same tables for the page, for paper and for a file."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from matching.models import MatchRun
from matching.scenarios import terms
from matching.scenarios.models import Scenario, ScenarioMatch
from matching.scenarios.states import Outcome, rule_words
from portal.ui.korean import won
from projects.models import Project
from projects.terms import KOREAN_HOLIDAYS

#: What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
HIDDEN = f"<{terms.SMALLEST_GROUP}"


@dataclass(frozen=True)
class Cell:
    """``width`` draws a bar, of 100; ``url`` leads to the people behind the number."""

    text: str
    url: str = ""
    note: str = ""
    tone: str = ""
    width: str | None = None


@dataclass(frozen=True)
class Row:
    label: Any
    cells: Sequence[Cell]
    url: str = ""
    note: str = ""
    changed: bool = False
    columns: Sequence[str] = field(default=())

    @property
    def sides(self) -> list[tuple[str, Cell]]:
        """Each cell with whose it is: on a phone a row is a card."""
        return list(zip(self.columns, self.cells, strict=True))


@dataclass(frozen=True)
class Comparison:
    """One table: what is compared down the side, the run and its scenarios across."""

    key: str
    heading: str
    rows: Sequence[Row]
    lead: str = ""
    foot: Sequence[str] = field(default=())
    #: rows that are everywhere the same, and what they are called together
    rest: Sequence[Row] = field(default=())
    rest_words: str = ""


class SideBySide:
    """A run and up to three proved scenarios of it.

    Parameters
    ----------
    run : MatchRun
        With its figures.
    scenarios : sequence of Scenario
        Of that run, each with figures; at least one.
    """

    def __init__(self, run: MatchRun, scenarios: Sequence[Scenario]) -> None:
        self.run, self.scenarios = run, scenarios
        self.sides: list[Mapping[str, Any]] = [run.figures or {}, *(one.figures or {} for one in scenarios)]
        self.columns = [_("바탕 매칭"), *(one.name for one in scenarios)]

    def tables(self) -> list[Comparison]:
        return [
            self.overview(),
            self.choices(),
            self.projects(),
            self.closed(),
            self.groups("school"),
            self.groups("cohort"),
        ]

    # --- addresses ------------------------------------------------------------------------------------

    def _run_people(self, **query: Any) -> str:
        return f"{reverse('admin:matching_matchrun_matches', args=[self.run.pk])}?{urlencode(query)}"

    def _people(self, scenario: Scenario, **query: Any) -> str:
        return f"{reverse('admin:scenarios_scenario_people', args=[scenario.pk])}?{urlencode(query)}"

    def _side_people(self, side: int, **query: Any) -> str:
        return self._people(self.scenarios[side - 1], **query) if side else self._run_people(**query)

    # --- tables ---------------------------------------------------------------------------------------

    def _line(self, label: Any, cells: Sequence[Cell], **more: Any) -> Row:
        return Row(label, cells, columns=self.columns, **more)

    def _row(self, label: Any, cell: Callable[[int, Mapping[str, Any]], Cell], note: str = "") -> Row:
        return self._line(label, [cell(number, side) for number, side in enumerate(self.sides)], note=note)

    def overview(self) -> Comparison:
        rows = [
            self._row(
                pgettext("state", "배치"),
                lambda number, side: Cell(
                    _("%(count)d명") % {"count": side["size"]},
                    self._side_people(number, rank="placed"),
                    _("자리 %(places)d개") % {"places": side["places"]},
                ),
            ),
            self._row(_("열지 않는 과제"), lambda number, side: Cell(str(len(side["closed"])), "#closed")),
        ]
        changes = [outcome for outcome in Outcome if outcome != Outcome.SAME]
        rows += [self._row(outcome.label, self._outcome(outcome)) for outcome in changes]
        rows += [
            self._row(_("과제를 옮기는 사람"), self._outcome(*_MOVES)),
            self._row(_("훈련비 어림"), self._cost),
            self._row(_("동점 처리"), lambda number, side: Cell(rule_words(self._rule(number)))),
        ]
        return Comparison("overview", _("한눈에"), rows, foot=self._cost_words())

    def _rule(self, side: int) -> str:
        return self.scenarios[side - 1].rule if side else self.run.call.rule_set.tie_rule

    def _outcome(self, *outcomes: str) -> Callable[[int, Mapping[str, Any]], Cell]:
        def cell(number: int, side: Mapping[str, Any]) -> Cell:
            if not number:
                return Cell("-")
            count = sum(side["outcomes"].get(outcome, 0) for outcome in outcomes)
            return Cell(
                _("%(count)d명") % {"count": count},
                self._people(self.scenarios[number - 1], outcome=",".join(outcomes)) if count else "",
            )

        return cell

    @property
    def training_days(self) -> int:
        call = self.run.call
        if call.starts_on is None or call.ends_on is None:
            return 0
        return terms.training_days(call.starts_on, call.ends_on, KOREAN_HOLIDAYS)

    def _cost(self, number: int, side: Mapping[str, Any]) -> Cell:
        daily = self.run.call.rule_set.daily_allowance_won
        cost = terms.training_cost(side["size"], self.training_days, daily)
        before = terms.training_cost(self.sides[0]["size"], self.training_days, daily)
        sign = "+" if cost > before else ""
        return Cell(won(cost), note=f"{sign}{won(cost - before)}" if number and cost != before else "")

    def _cost_words(self) -> list[str]:
        return [
            _(
                "훈련비는 예산이 아니라 어림입니다. 배치된 사람 × 하루 %(daily)s × 훈련일 %(days)d일(시작일부터 종료일까지 근무일)로, 모두가 하루도 빠지지 않을 때의 금액입니다. 하루 금액은 운영 기준에서 옵니다."
            )
            % {"daily": won(self.run.call.rule_set.daily_allowance_won), "days": self.training_days}
        ]

    def choices(self) -> Comparison:
        """How many got which choice: the table is the bar chart."""
        last = max(len(side["rank_profile"]) for side in self.sides)
        rows = [
            self._row(_("%(rank)d지망") % {"rank": rank}, self._choice(rank)) for rank in range(1, last + 1)
        ]
        if any(side.get("assigned") for side in self.sides):
            rows.append(
                self._row(
                    _("순위와 다르게 지정"),
                    lambda number, side: self._bar(number, side, side.get("assigned", 0), rank="assigned"),
                )
            )
        rows.append(
            self._row(
                _("배치되지 않음"),
                lambda number, side: self._bar(
                    number, side, side["applicants"] - side["size"] - _silent(side), rank="none"
                ),
            )
        )
        rows.append(
            self._row(
                _("순위를 내지 않음"),
                lambda number, side: self._bar(number, side, _silent(side), rank="unlisted"),
            )
        )
        return Comparison("choices", _("몇 지망에 배치되나"), rows)

    def _choice(self, rank: int) -> Callable[[int, Mapping[str, Any]], Cell]:
        def cell(number: int, side: Mapping[str, Any]) -> Cell:
            count = side["rank_profile"][rank - 1] if rank <= len(side["rank_profile"]) else 0
            return self._bar(number, side, count, rank=rank)

        return cell

    def _bar(self, number: int, side: Mapping[str, Any], count: int, **query: Any) -> Cell:
        return Cell(
            _("%(count)d명") % {"count": count},
            self._side_people(number, **query) if count else "",
            width=_width(count, side["applicants"]),
        )

    def projects(self) -> Comparison:
        """Who is filled how far; those that differ first."""
        lines = [{line["project"]: line for line in side["projects"]} for side in self.sides]
        pks = list(dict.fromkeys(pk for side in lines for pk in side))
        projects = Project.objects.select_related("company").in_bulk(pks)
        rows = [
            self._line(
                projects[pk].title,
                [self._fill(number, side.get(pk)) for number, side in enumerate(lines)],
                url=reverse("admin:projects_project_change", args=[pk]),
                note=str(projects[pk].company),
                changed=len({_filling(side.get(pk)) for side in lines}) > 1,
            )
            for pk in pks
        ]
        rows.sort(key=lambda row: str(row.label))
        rest = [row for row in rows if not row.changed]
        return Comparison(
            "projects",
            _("과제별 배치"),
            [row for row in rows if row.changed],
            _("배치된 사람 / 모집 인원. %(count)d개 과제는 달라지지 않아 접어 두었습니다.")
            % {"count": len(rest)},
            rest=rest,
            rest_words=_("달라지지 않는 과제 %(count)d개") % {"count": len(rest)},
        )

    def _fill(self, number: int, line: Mapping[str, Any] | None) -> Cell:
        if line is None:
            return Cell(_("뺌"), tone="neutral")
        if line["closed"]:
            return Cell(_("열지 않음"), note=f"0 / {line['capacity']}", tone="danger")
        url = self._side_people(number, project=line["project"]) if line["size"] else ""
        return Cell(f"{line['size']} / {line['capacity']}", url, width=_width(line["size"], line["capacity"]))

    def closed(self) -> Comparison:
        """Projects that do not open anywhere, with the number they would reach."""
        lines = [{line["project"]: line for line in side["projects"]} for side in self.sides]
        pks = dict.fromkeys(pk for side in lines for pk, line in side.items() if line["closed"])
        titles = Project.objects.in_bulk(pks)
        rows = [
            self._line(
                titles[pk].title,
                [_why_closed(side.get(pk)) for side in lines],
                url=reverse("admin:projects_project_change", args=[pk]),
            )
            for pk in pks
        ]
        return Comparison("closed", _("열지 않는 과제와 까닭"), rows)

    def groups(self, kind: str) -> Comparison:
        """Share of places by school or cohort; small groups without numbers."""
        path = "application__trainee__graduate__cohort"
        names = [f"{path}__school__name", f"{path}__name"] if kind == "cohort" else [f"{path}__school__name"]
        key = f"{path}__school" if kind == "school" else path
        sides = [self._counted(key, names, scenario) for scenario in self.scenarios]
        first = sides[0]
        rows = [
            self._line(
                " ".join(name for name in group["names"] if name) or _("교육기관 없음"),
                [
                    self._share(kind, pk, group["people"], group["was"], self.scenarios[0], "was"),
                    *(
                        self._share(kind, pk, side[pk]["people"], side[pk]["placed"], scenario, "now")
                        for scenario, side in zip(self.scenarios, sides, strict=True)
                    ),
                ],
            )
            for pk, group in sorted(first.items(), key=lambda item: (item[0] is None, item[1]["names"]))
        ]
        heading = _("교육기관별 배치") if kind == "school" else _("기수별 배치")
        lead = _("배치된 사람 / 매칭에 들어간 사람. %(least)d명보다 적으면 숫자를 보이지 않습니다.")
        return Comparison(kind, heading, rows, lead % {"least": terms.SMALLEST_GROUP})

    def _counted(self, key: str, names: Sequence[str], scenario: Scenario) -> dict[Any, dict[str, Any]]:
        rows = (
            ScenarioMatch.objects.filter(scenario=scenario)
            .order_by()
            .values_list(key, *names)
            .annotate(people=Count("pk"), placed=Count("project"), was=Count("was_project"))
        )
        return {
            pk: {
                "names": [name or "" for name in found[:-3]],
                "people": found[-3],
                "placed": found[-2],
                "was": found[-1],
            }
            for pk, *found in rows
        }

    def _share(
        self, kind: str, pk: int | None, people: int, placed: int, scenario: Scenario, side: str
    ) -> Cell:
        if terms.shown(people) is None:
            return Cell(HIDDEN)
        if terms.shown(placed) is None:
            return Cell(f"{HIDDEN} / {people}")
        url = self._people(scenario, **{kind: pk or "none", "placed": side}) if placed else ""
        return Cell(
            f"{placed} / {people}", url, f"{100 * placed / people:.0f}%", width=_width(placed, people)
        )

    # --- a file ---------------------------------------------------------------------------------------

    def csv(self) -> str:
        """Every table one below the other, for a spreadsheet."""
        out = io.StringIO()
        writer = csv.writer(out)
        for table in self.tables():
            writer.writerow([_plain(table.heading), *map(_plain, self.columns)])
            for row in (*table.rows, *table.rest):
                label = f"{row.label} ({row.note})" if row.note else row.label
                writer.writerow([_plain(label), *(_plain(_said(cell)) for cell in row.cells)])
            writer.writerows([_plain(words)] for words in table.foot)
            writer.writerow([])
        return out.getvalue()


_MOVES = (Outcome.BETTER, Outcome.WORSE, Outcome.ELSEWHERE)


def _width(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):.1f}"


def _silent(side: Mapping[str, Any]) -> int:
    """Who handed in no list and was not placed either."""
    return side.get("without", side["applicants"] - side["with_list"])


def _filling(line: Mapping[str, Any] | None) -> tuple[Any, ...]:
    return () if line is None else (line["size"], line["capacity"], line["closed"])


def _why_closed(line: Mapping[str, Any] | None) -> Cell:
    if line is None:
        return Cell(_("뺌"), tone="neutral")
    if not line["closed"]:
        return Cell(_("엶: %(size)d명") % {"size": line["size"]})
    words = _("%(reached)s명에 그침(최소 %(minimum)d명)")
    return Cell(words % {"reached": line["reached"] or 0, "minimum": line["minimum"]}, tone="danger")


def _said(cell: Cell) -> str:
    return f"{cell.text} ({cell.note})" if cell.note else cell.text


def _plain(value: Any) -> str:
    """A value that no spreadsheet runs."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
