from django.urls import reverse

from matching.proofs.models import Auditor
from portal.notices.actions import notice, owe


def auditor_named(auditor: Auditor) -> None:
    owe(
        [
            notice(
                auditor.user,
                "auditor_named",
                f"auditor-named:{auditor.pk}",
                link=reverse("proofs:audit-detail", args=[auditor.call_id]),
                call=auditor.call.title,
                until_on=auditor.until.isoformat(),
            )
        ]
    )
