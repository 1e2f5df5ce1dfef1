from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class PlacementsConfig(AppConfig):
    name = "projects.placements"
    label = "placements"
    verbose_name = pgettext_lazy("list", "배치")
