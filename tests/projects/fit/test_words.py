"""Why a project suits somebody, in words, on the pages of both sides."""

import pytest
from django.urls import reverse

from projects.fit.actions import refresh_fits
from projects.fit.models import FitRow
from tests.factories import ApplicationFactory, CallFactory, ProjectFactory, TraineeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def application():
    return ApplicationFactory(call=CallFactory())


def detail(project):
    return reverse("projects:project-detail", args=[project.pk])


def test_applicant_reads_why_a_project_suits_them(log_in, application):
    project = ProjectFactory(call=application.call)
    refresh_fits(application.call)
    row = FitRow.objects.get(application=application, project=project)

    text = log_in(application.trainee.user).get(detail(project)).text

    assert f"적합도는 <strong>{row.percent}%</strong>" in text
    assert f"필수 기술 {row.required_of}개 중 {row.required_met}개를 요구한 수준으로 갖추었습니다" in text
    points, most = row.parts["required"]
    assert f"{points / 10:g} / {most / 10:g}" in text


def test_suggestions_say_how_many_required_skills_are_met(log_in, application):
    project = ProjectFactory(call=application.call)
    refresh_fits(application.call)
    row = FitRow.objects.get(application=application, project=project)

    text = (
        log_in(application.trainee.user)
        .get(reverse("rankings:rank-list-edit", args=[application.call_id]))
        .text
    )

    assert f"필수 기술 {row.required_of}개 중 {row.required_met}개" in text
    assert "나와 맞는 이유" in text


def test_nothing_is_said_to_others_nor_once_lists_are_sealed(client, log_in, application):
    project = ProjectFactory(call=application.call)
    others = [client.get(detail(project)), log_in(TraineeFactory().user).get(detail(project))]
    application.call.state = "matching"
    application.call.save()
    others.append(log_in(application.trainee.user).get(detail(project)))

    assert ["나와 맞는 이유" in response.text for response in others] == [False, False, False]
