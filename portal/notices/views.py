from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.notices.actions import read_all_notices, read_notice
from portal.notices.models import Notice
from portal.ui.htmx import wants_part

PER_PAGE = 20


@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    """The inbox: everything the portal has told the person."""
    own = Notice.objects.visible_to(request.user)
    page = Paginator(own.unread_first(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "unread_count": own.unread().count()}
    return render(request, "portal/notices/notice_list.html", context)


@require_GET
def notice_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One message. Opening writes nothing: the page itself then posts that it was read."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user).select_related("recipient"), pk=pk)
    context = {"notice": notice, "words": notice.in_words()}
    return render(request, "portal/notices/notice_detail.html", context)


@require_POST
def notice_read(request: HttpRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    read_notice(notice, by=request.user)
    if wants_part(request):
        notice.refresh_from_db()
        return render(request, "portal/notices/notice_detail.html#read", {"notice": notice})
    return redirect("notices:notice-list")


@require_POST
def notice_read_all(request: HttpRequest) -> HttpResponse:
    count = read_all_notices(by=request.user)
    messages.success(request, _("알림 %(count)d건을 읽음으로 표시했습니다.") % {"count": count})
    return redirect("notices:notice-list")
