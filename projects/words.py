from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.models import Project


def pledge_sentence(project: Project) -> str:
    """Whom the company promised to hire, by itself: on a card, in an answer."""
    if project.pledged_hires is None:
        return _("우수 수료자 전원 채용")
    return ngettext(
        "우수 수료자 전원, 최소 %(count)d명 채용",
        "우수 수료자 전원, 최소 %(count)d명 채용",
        project.pledged_hires,
    ) % {"count": project.pledged_hires}


def pledge_fact(project: Project) -> str:
    """The same under a label that says what it is."""
    if project.pledged_hires is None:
        return _("우수 수료자 전원")
    return _("우수 수료자 전원, 최소 %(count)d명") % {"count": project.pledged_hires}
