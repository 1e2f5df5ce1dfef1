"""The site map."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from portal import health

urlpatterns = [
    path("", include("portal.home.urls")),
    path("accounts/", include("portal.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("me/notices/", include("portal.notices.urls")),
    path("projects/", include("projects.urls")),
    path("my/profile/", include("portal.trainees.urls")),
    path("my/application/", include("projects.applications.urls")),
    path("interviews/", include("projects.interviews.urls")),
    path("rankings/", include("projects.rankings.urls")),
    path("results/reviews/", include("matching.reviews.urls")),
    path("results/", include("matching.urls")),
    path("proofs/", include("matching.proofs.urls")),
    path("placements/", include("projects.placements.urls")),
    path("evaluations/", include("projects.evaluations.urls")),
    path("obligations/", include("projects.obligations.urls")),
    path("company/profile/", include("portal.companies.urls")),
    path("companies/", include("portal.companies.public_urls")),
    path("admin/", admin.site.urls),
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("ui/", include("portal.ui.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
handler400 = "portal.ui.views.bad_request"
handler403 = "portal.ui.views.permission_denied"
handler404 = "portal.ui.views.page_not_found"
