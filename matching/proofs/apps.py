from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProofsConfig(AppConfig):
    name = "matching.proofs"
    label = "proofs"
    verbose_name = _("추첨과 검증")
