"""What may be typed in about a company and the people who act for it."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.companies.models import Company
from portal.companies.states import MemberRole


class RegistrationNoField(forms.CharField):
    """사업자등록번호 as people write it, with or without hyphens and blanks."""

    def to_python(self, value: Any) -> str:
        return re.sub(r"[\s-]", "", str(super().to_python(value)))


class CompanyForm(forms.ModelForm):
    """What a company says about itself; its number is asked for only once."""

    class Meta:
        model = Company
        fields = ["name", "representative", "region", "address", "field", "employees", "website", "about"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "address": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "employees": forms.NumberInput(attrs={"inputmode": "numeric"}),
            "website": forms.URLInput(attrs={"inputmode": "url", "placeholder": "https://"}),
            "about": forms.Textarea(attrs={"rows": 6}),
        }
        help_texts = {
            "region": _("시·군 이름. 예: 창원"),
            "field": _("예: 제조, 의료, 공공 데이터"),
            "about": _("무엇을 하는 회사인지 지원자가 읽습니다. 2000자까지 쓸 수 있습니다."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employees"].unit = _("명")  # type: ignore[attr-defined]


class RegisterForm(CompanyForm):
    registration_no = RegistrationNoField(
        label=_("사업자등록번호"),
        max_length=20,
        help_text=_("10자리 숫자. 예: 123-45-67891"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    class Meta(CompanyForm.Meta):
        fields = ["registration_no", *CompanyForm.Meta.fields]

    def validate_unique(self) -> None:
        """Left to the action, which also sees two people registering the same number at once."""


class MemberForm(forms.Form):
    email = forms.EmailField(
        label=_("이메일"),
        max_length=254,
        help_text=_("먼저 이음에 가입한 사람만 더할 수 있습니다."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("역할"), choices=MemberRole.choices, initial=MemberRole.MANAGER.value)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("역할"), choices=MemberRole.choices)
