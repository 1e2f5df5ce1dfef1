"""A call whose result is out, as two people of the agency published it: who wants what stands in a few lines."""

from uuid import NAMESPACE_OID, uuid5

from django.utils import timezone

from matching.actions import approve_run, compute_run, fill_vacancies, publish_run
from matching.engine import Market, Result
from matching.models import MatchRun
from projects.applications.models import Application
from projects.models import Project
from projects.placements.models import Placement, Reserve
from tests.factories import (
    ApplicationFactory,
    CallFactory,
    MatchRunFactory,
    ProjectFactory,
    StaffFactory,
    certified_scores,
    certified_wishes,
)


class Published:
    """People rank projects, companies score, the agency publishes; then people answer and leave.

    Projects are ``{name: (company name, places)}``, people ``{name: "project project …"}`` best first; everybody
    stands in the order in which they are named.
    """

    def __init__(self, projects, people, *, caps=None, call=None, **call_facts):
        self.call = call or CallFactory(sealed=True, **call_facts)
        self.projects, self.people, companies = {}, {}, {}
        for name, (company, places) in projects.items():
            known = {"company": companies[company]} if company in companies else {"company__name": company}
            project = ProjectFactory(call=self.call, title=name, places=places, **known)
            companies[company], self.projects[name] = project.company, project
        self.companies = companies
        scores = {}
        for number, (name, wishes) in enumerate(people.items()):
            known_as = uuid5(NAMESPACE_OID, name)  # the same in every run
            application = ApplicationFactory(call=self.call, trainee__user__name=name, pseudonym=known_as)
            self.people[name] = application
            wanted = [self.projects[wish] for wish in wishes.split()]
            if wanted:
                certified_wishes(application, *wanted, state="sealed")
            for project in wanted:
                scores.setdefault(project.company, {})[project, application] = 99 - number
        for company, lines in scores.items():
            certified_scores(company, lines, state="sealed")
        for company, cap in (caps or {}).items():
            companies[company].participations.filter(call=self.call).update(cap=cap)
        first, second = (StaffFactory(office="agency").user for _twice in range(2))
        run = compute_run(MatchRunFactory(call=self.call))
        assert run.state == "verified", run.error
        self.run = publish_run(approve_run(run, note="확인", by=first), note="확인", by=second)
        self.call.refresh_from_db()

    def by(self, name):
        return self.people[name].trainee.user

    def of(self, name, **facts):
        """The one placement of a person with these facts."""
        return Placement.objects.get(application=self.people[name], **facts)

    def fill(self, now=None):
        """What the night offers: ``{(person, project)}``."""
        made = fill_vacancies(self.call, now=now or timezone.now())
        return {(one.trainee.user.name, one.project.title) for one in made}

    def states(self, name):
        """``{project: state}`` of everything a person was ever offered."""
        rows = Placement.objects.filter(application=self.people[name])
        return dict(rows.values_list("project__title", "state"))


def publish_lines(call):
    """A published run for a call whose reserve numbers a test wrote itself: everybody stands by their number."""
    run = MatchRun.objects.filter(call=call, state="published").first()
    if run is not None:
        return run
    names = {row.pk: row.pseudonym.hex for row in Application.objects.filter(call=call)}
    wishes, scores = {name: [] for name in names.values()}, {}
    matching = dict.fromkeys(names.values())
    for line in Reserve.objects.filter(project__call=call).order_by("reserve_no", "pk"):
        name, project = names[line.application_id], f"p{line.project_id}"
        wishes[name].append(project)
        scores.setdefault(project, {})[name] = 1000 - line.reserve_no
    for placement in Placement.objects.filter(call=call, seated=True):
        name, project = names[placement.application_id], f"p{placement.project_id}"
        wishes[name].append(project)
        scores.setdefault(project, {})[name] = 2000
        matching[name] = project
    projects = Project.objects.filter(call=call)
    market = Market.from_json(
        {
            "trainees": [{"id": name, "prefs": list(dict.fromkeys(own))} for name, own in wishes.items()],
            "projects": [
                {
                    "id": f"p{one.pk}",
                    "company": f"c{one.company_id}",
                    "capacity": one.places,
                    "scores": scores.get(f"p{one.pk}", {}),
                }
                for one in projects
            ],
            "companies": [{"id": f"c{pk}", "capacity": 99} for pk in {one.company_id for one in projects}],
        }
    )
    result = Result.of(market, matching, (), "draw")
    first, second = (StaffFactory(office="agency").user for _twice in range(2))
    return MatchRunFactory(
        call=call,
        state="published",
        market=market.to_json(),
        result=result.to_json(),
        violations=[],
        approved_by=first,
        published_by=second,
        published_at=timezone.now(),
    )


def fill_lines(call, *, now):
    """What the night does for such a call."""
    publish_lines(call)
    return fill_vacancies(call, now=now)
