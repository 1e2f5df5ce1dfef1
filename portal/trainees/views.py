from allauth.account.models import EmailAddress
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.models import SignedIn
from portal.trainees.actions import become_trainee, claim_graduate, update_profile
from portal.trainees.forms import ProfileForm
from portal.trainees.models import Trainee
from portal.ui.refusals import sentence
from portal.workflow import Refused


def _own(request: SignedIn) -> Trainee:
    """The person's row, unsaved before the first save: looking at a page writes nothing."""
    if not request.user.has_perm("trainees.become_trainee"):
        raise Http404
    own = Trainee.objects.filter(user=request.user).select_related("user", "graduate__cohort__school")
    return own.first() or Trainee(user=request.user)


def _next(request: SignedIn) -> str:
    """Where the person came from, if it is a page of ours."""
    target = request.GET.get("next", "")
    return (
        target
        if target.startswith("/")
        and url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
        else ""
    )


def _missing(trainee: Trainee, form: ProfileForm) -> list[dict[str, str]]:
    """What is still needed to apply, as links into the page."""
    empty = [name for name in ("phone", "region", "available_from") if not getattr(trainee, name)]
    needed = [{"label": str(form[name].label), "target": form[name].auto_id} for name in empty]
    if trainee.pk is None or not trainee.skills.exists():
        needed.append({"label": _("기술 한 가지"), "target": "part-skills"})
    return needed


@require_http_methods(["GET", "POST"])
def profile_edit(request: SignedIn) -> HttpResponse:
    trainee = _own(request)
    if trainee.pk and not request.user.has_perm("trainees.change_trainee", trainee):
        raise PermissionDenied
    form = ProfileForm(request.POST or None, instance=trainee)
    if request.method == "POST" and form.is_valid():
        update_profile(
            become_trainee(by=request.user),
            skills=form.levels,
            interests=form.cleaned_data["interests"],
            by=request.user,
            **form.facts,
        )
        messages.success(request, _("프로필을 저장했습니다."))
        return redirect(_next(request) or "trainees:profile-edit")
    context = {
        "form": form,
        "trainee": trainee,
        "graduate": None if trainee.lacks_graduate else trainee.graduate,
        "withdrawn": trainee.graduate is not None and trainee.lacks_graduate,
        "missing": _missing(trainee, form),
        "proved": EmailAddress.objects.filter(user=request.user, verified=True),
        "next": _next(request),
    }
    return render(request, "portal/trainees/profile_edit.html", context, status=422 if form.errors else 200)


@require_POST
def graduate_claim(request: SignedIn) -> HttpResponse:
    """Look once more for a school's row under a verified address, e.g. after the school has added it."""
    _own(request)
    try:
        claim_graduate(become_trainee(by=request.user), by=request.user, required=True)
    except Refused as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("수료 정보를 연결했습니다."))
    return redirect("trainees:profile-edit")
