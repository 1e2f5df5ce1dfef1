import uuid
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.files.forms import UploadField
from portal.trainees.models import Trainee
from portal.ui.fields import one_line
from portal.ui.korean import kdatetime
from projects.interviews.models import InterviewForm, InterviewSlot
from projects.interviews.states import ANCHORS, Criterion, ReportKind, ReportRefusal
from projects.models import Project
from projects.states import PUBLIC

LENGTHS = (15, 20, 30, 45, 60, 90)


class PlaceForm(forms.Form):
    """Where an interview is: a link, a place, or both."""

    video_url = forms.CharField(
        label=gettext_lazy("화상 면접 주소"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("https로 시작하는 회의 주소. 예약한 사람에게만 보입니다."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://"}),
        validators=[
            URLValidator(schemes=["https"], message=gettext_lazy("https://로 시작하는 주소를 적어 주세요."))
        ],
    )
    place = forms.CharField(
        label=gettext_lazy("장소"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("찾아오는 데 필요한 만큼. 예: 창원시 성산구 어느길 1, 3층 회의실"),
        validators=[one_line],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("video_url", "place"):
            self.fields[name].asked_later = True  # type: ignore[attr-defined]  # one of the two is asked for below

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("video_url") and not cleaned.get("place"):
            self.add_error("video_url", _("화상 면접 주소나 장소 가운데 하나는 적어 주세요."))
        return cleaned


class SlotForm(PlaceForm):
    """Times to open: a day, an hour, how long, and how many one after the other."""

    day = forms.DateField(
        label=gettext_lazy("날짜"),
        help_text=gettext_lazy("예: 2027-01-04"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    hour = forms.TimeField(
        label=gettext_lazy("시작 시각"),
        help_text=gettext_lazy("예: 14:00. 오전 8시부터 밤 9시 사이"),
        widget=forms.TimeInput(attrs={"type": "time", "step": "300"}, format="%H:%M"),
    )
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("한 사람에 걸리는 시간"),
        coerce=int,
        initial=30,
    )
    count = forms.IntegerField(
        label=gettext_lazy("이어서 몇 명"),
        min_value=1,
        max_value=12,
        initial=1,
        help_text=gettext_lazy("2를 적으면 같은 길이의 면접을 바로 이어서 하나 더 엽니다."),
    )
    field_order = ("day", "hour", "minutes", "count", "video_url", "place")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes = [(length, _("%(minutes)s분") % {"minutes": length}) for length in LENGTHS]
        self.fields["minutes"].choices = minutes  # type: ignore[attr-defined]
        self.fields["count"].unit = _("명")  # type: ignore[attr-defined]

    def clean_hour(self) -> time:
        hour = self.cleaned_data["hour"]
        if not time(8) <= hour < time(21):
            raise forms.ValidationError(_("면접은 오전 8시부터 밤 9시 사이에 시작해 주세요."))
        return hour

    @property
    def starts_at(self) -> datetime:
        """The first of the times, in Seoul."""
        moment = datetime.combine(self.cleaned_data["day"], self.cleaned_data["hour"])
        return timezone.make_aware(moment)


class ChooseSlotForm(forms.Form):
    """One of the free times of a project."""

    slot = forms.ModelChoiceField(
        label=gettext_lazy("면접 시간"),
        queryset=InterviewSlot.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("면접 시간을 하나 골라 주세요."),
            "invalid_choice": gettext_lazy("더는 고를 수 없는 시간입니다. 다른 시간을 골라 주세요."),
        },
    )

    def __init__(self, *args: Any, slots: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["slot"]
        field.queryset = slots
        field.label_from_instance = _when


def _when(slot: InterviewSlot) -> str:
    """``11월 22일(일) 14:00 · 30분 · 화상``"""
    minutes = (slot.ends_at - slot.starts_at) // timedelta(minutes=1)
    where = _("화상") if slot.video_url else slot.place
    length = _("%(minutes)s분") % {"minutes": minutes}
    return f"{kdatetime(slot.starts_at)} · {length} · {where}"


class DeclineForm(forms.Form):
    word = forms.CharField(
        label=gettext_lazy("회사에 남길 말"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("적지 않아도 됩니다. 다른 과제를 더 원한다는 말은 적지 마세요."),
    )


class CorrectForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("사유"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("예: 다른 회의실에서 기다리고 있었음. 지원자가 읽습니다."),
    )


class JudgementForm(forms.Form):
    """A form of an interview: five criteria with what each point means, and notes. Empty ones are kept for later."""

    mark_optional = False
    notes = forms.CharField(
        label=gettext_lazy("메모"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "과제와 관련된 것만 적어 주세요. 우리 회사와 운영사, 진흥원만 볼 수 있습니다."
        ),
    )
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    field_order = (*Criterion.values, "notes", "revision")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for criterion in Criterion:
            low, middle, high = ANCHORS[criterion]
            self.fields[criterion.value] = forms.TypedChoiceField(
                label=criterion.label,
                choices=[(points, str(points)) for points in range(1, 6)],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                help_text=_("1: %(low)s · 3: %(middle)s · 5: %(high)s")
                % {"low": low, "middle": middle, "high": high},
            )
        self.order_fields(self.field_order)

    @property
    def points(self) -> dict[str, int | None]:
        return {name: self.cleaned_data[name] for name in Criterion.values}

    @classmethod
    def showing(cls, kept: InterviewForm | None) -> "JudgementForm":
        """As it was saved last."""
        if kept is None:
            return cls(initial={"revision": 0})
        return cls(initial={**kept.points, "notes": kept.notes, "revision": kept.revision})


def reportable(trainee: Trainee, wanted: str = "") -> Any:
    """Projects somebody may report about: of the calls they applied to, and the one whose page they come from."""
    projects = Project.objects.filter(state__in=PUBLIC).select_related("company")
    own = projects.filter(call__applications__trainee=trainee)
    if wanted.isdecimal() and len(wanted) < 19:
        own = own | projects.filter(pk=int(wanted))
    return own.distinct().order_by("company__name", "title", "pk")


class ReportForm(forms.Form):
    """What happened, where, when; a file if there is one."""

    project = forms.ModelChoiceField(
        label=gettext_lazy("어느 회사의 어느 과제인가요?"),
        queryset=Project.objects.none(),
        empty_label=gettext_lazy("고르기"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("무슨 일인가요?"), choices=ReportKind.choices, widget=forms.RadioSelect
    )
    happened_on = forms.DateField(
        label=gettext_lazy("언제 있었나요?"),
        help_text=gettext_lazy("정확하지 않으면 가까운 날. 예: 2027-01-04"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    text = forms.CharField(
        label=gettext_lazy("있었던 일"),
        min_length=10,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=gettext_lazy("누가 무엇을 말하거나 보냈는지 적어 주세요."),
        error_messages={"min_length": gettext_lazy("있었던 일을 열 글자 이상 적어 주세요.")},
    )
    upload = UploadField(label=gettext_lazy("보여 줄 파일"), required=False)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, projects: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"token": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        field: Any = self.fields["project"]
        field.queryset = projects
        field.label_from_instance = lambda project: f"{project.company.name} · {project.title}"

    def clean_happened_on(self) -> Any:
        day = self.cleaned_data["happened_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(ReportRefusal.IN_FUTURE.label)
        return day
