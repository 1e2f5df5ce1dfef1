from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from portal.files.forms import UploadsField
from portal.ui.korean import kdate
from projects.obligations.models import HiringObligation
from projects.obligations.states import MOST_FILES, EvidenceKind, ObligationRefusal


class EvidenceForm(forms.Form):
    """When the person was hired, and the two papers that prove it."""

    hired_on = forms.DateField(
        label=gettext_lazy("채용일"),
        help_text=gettext_lazy("근로계약서에 적힌 입사일. 예: 2027-01-04"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    contract = UploadsField(label=EvidenceKind.CONTRACT.label, most=MOST_FILES)
    insurance = UploadsField(label=EvidenceKind.INSURANCE.label, most=MOST_FILES)

    def __init__(self, *args: Any, obligation: HiringObligation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.starts_on = obligation.placement.starts_on

    def clean_hired_on(self) -> Any:
        hired_on = self.cleaned_data["hired_on"]
        if hired_on > timezone.localdate():
            raise forms.ValidationError(ObligationRefusal.HIRED_IN_FUTURE.label)
        if hired_on < self.starts_on:
            raise forms.ValidationError(
                ObligationRefusal.HIRED_TOO_EARLY.label % {"starts": kdate(self.starts_on)}
            )
        return hired_on

    def papers(self) -> dict[str, Any]:
        """Evidence kind -> uploads."""
        return {kind: self.cleaned_data[kind] for kind in EvidenceKind.values}
