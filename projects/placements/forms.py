from django import forms
from django.utils.translation import gettext_lazy as _

from projects.placements.states import DeclineReason


class DeclineForm(forms.Form):
    """Why a seat is given back; counted, never shown to the company."""

    reason = forms.ChoiceField(
        label=_("이유"),
        choices=DeclineReason,
        widget=forms.RadioSelect,
        help_text=_("사업을 고치는 데만 씁니다. 회사에는 알리지 않습니다."),
    )
