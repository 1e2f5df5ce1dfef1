from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = pgettext_lazy("list", "계정")

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added, authenticator_removed

        from portal.accounts import middleware  # reads models, which are not there when this class is

        authenticator_added.connect(middleware.count_new_factor)
        authenticator_removed.connect(middleware.forget_removed_factor)
