"""How forms look: Django renders them, our templates dress them."""

from pathlib import Path

from django import forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from portal.ui.korean import josa


class FormRenderer(DjangoTemplates):
    """``{{ form }}`` and ``{{ form.name.as_field_group }}`` in our dress; widgets stay Django's own unless we have one too."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"

    @cached_property
    def engine(self):
        """Django's engine for forms, which looks into the site's templates first."""
        own = Path(forms.__file__).parent / str(self.backend.app_dirname)
        folders = [settings.BASE_DIR / "templates", own]
        return self.backend({"APP_DIRS": True, "DIRS": folders, "NAME": "forms", "OPTIONS": {}})


class FilterForm(forms.Form):
    """A list's filter: GET parameters, nothing required, so nothing is marked as optional."""

    mark_optional = False

    @property
    def chosen(self) -> int:
        """How many filters are set: the number on the phone's button."""
        return sum(1 for field in self.visible_fields() if field.value() not in (None, "", [], False))


def said_errors(field: forms.BoundField) -> list[str]:
    """The errors of a field in words that say what to do: Django's bare "this field is required" names the field instead."""
    said: list[str] = []
    for error in field.errors.as_data():
        bare = error.code == "required" and error.message == forms.Field.default_error_messages["required"]
        said += [_ask_for(field)] if bare else [str(message) for message in error.messages]
    return said


def _ask_for(field: forms.BoundField) -> str:
    kind, label = field.field, str(field.label)
    if isinstance(kind, forms.BooleanField):
        return _("‘%(label)s’에 표시해 주세요.") % {"label": label}
    if isinstance(kind, forms.FileField):
        return _("%(label)s 올려 주세요.") % {"label": josa(label, "을")}
    if isinstance(kind, forms.ChoiceField | forms.ModelChoiceField):
        return _("%(label)s 골라 주세요.") % {"label": josa(label, "을")}
    return _("%(label)s 입력해 주세요.") % {"label": josa(label, "을")}


def error_links(*bound: forms.BaseForm | forms.BaseFormSet) -> list[dict[str, str]]:
    """Every error of forms and formsets, in page order, with the id of the input to jump to (empty: the whole form)."""
    links: list[dict[str, str]] = []
    for one in bound:
        if isinstance(one, forms.BaseFormSet):
            links += [{"target": "", "text": str(text)} for text in one.non_form_errors()]
            links += error_links(*one.forms)
            continue
        links += [{"target": "", "text": str(text)} for text in one.non_field_errors()]
        for field in one:
            target = (
                "" if field.is_hidden else f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label
            )
            links += [{"target": target, "text": text} for text in said_errors(field)]
    return links
