from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "matching.reviews"
    label = "reviews"
    verbose_name = _("설명과 재검토")
