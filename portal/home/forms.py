from django import forms

from portal.home.menu import SWITCHES


class RoleForm(forms.Form):
    """As which of their roles a person wants to see the portal."""

    role = forms.ChoiceField(choices=list(SWITCHES.items()))
