from django.urls import path

from projects.interviews import views

app_name = "interviews"
urlpatterns = [
    path("", views.interview_list, name="interview-list"),
    path("<int:pk>/", views.interview_detail, name="interview-detail"),
    path("<int:pk>/book/", views.interview_book, name="interview-book"),
    path("<int:pk>/release/", views.interview_release, name="interview-release"),
    path("<int:pk>/decline/", views.interview_decline, name="interview-decline"),
    path("<int:pk>/calendar.ics", views.interview_calendar, name="interview-calendar"),
    path("projects/<int:pk>/", views.interview_board, name="interview-board"),
    path("projects/<int:pk>/slots/add/", views.slot_add, name="slot-add"),
    path("slots/<int:pk>/edit/", views.slot_edit, name="slot-edit"),
    path("slots/<int:pk>/cancel/", views.slot_cancel, name="slot-cancel"),
    path("projects/<int:pk>/invite/<int:application>/", views.interview_invite, name="interview-invite"),
    path("<int:pk>/manage/", views.interview_manage, name="interview-manage"),
    path("<int:pk>/withdraw/", views.interview_withdraw, name="interview-withdraw"),
    path("<int:pk>/hold/", views.interview_hold, name="interview-hold"),
    path("<int:pk>/miss/", views.interview_miss, name="interview-miss"),
    path("<int:pk>/correct/", views.interview_correct, name="interview-correct"),
    path("<int:pk>/form/", views.form_edit, name="form-edit"),
    path("reports/", views.report_list, name="report-list"),
    path("reports/add/", views.report_add, name="report-add"),
    path("reports/<int:pk>/", views.report_detail, name="report-detail"),
    path("reports/<int:pk>/withdraw/", views.report_withdraw, name="report-withdraw"),
]
