from django.urls import path

from projects.rankings import views

app_name = "rankings"
urlpatterns = [
    path("mine/", views.rank_list_latest, name="rank-list-latest"),
    path("calls/<int:call>/mine/", views.rank_list_edit, name="rank-list-edit"),
    path("calls/<int:call>/mine/certify/", views.rank_list_certify, name="rank-list-certify"),
    path("calls/<int:call>/mine/receipt/", views.rank_list_receipt, name="rank-list-receipt"),
    path("calls/<int:call>/mine/receipt.json", views.rank_list_receipt_file, name="rank-list-receipt-file"),
    path("wishes/<int:project>/add/", views.wish_add, name="wish-add"),
    path("wishes/<int:project>/remove/", views.wish_remove, name="wish-remove"),
    path("interests/<int:project>/mark/", views.interest_mark, name="interest-mark"),
    path("interests/<int:project>/unmark/", views.interest_unmark, name="interest-unmark"),
    path("candidates/", views.candidate_projects, name="candidate-projects"),
    path("projects/<int:pk>/candidates/", views.candidate_list, name="candidate-list"),
    path("projects/<int:pk>/candidates/<int:application>/", views.candidate_score, name="candidate-score"),
    path(
        "projects/<int:pk>/candidates/<int:application>/shortlist/",
        views.candidate_shortlist,
        name="candidate-shortlist",
    ),
    path("companies/<int:company>/calls/<int:call>/certify/", views.scores_certify, name="scores-certify"),
    path("companies/<int:company>/calls/<int:call>/receipt/", views.scores_receipt, name="scores-receipt"),
    path(
        "companies/<int:company>/calls/<int:call>/receipt.json",
        views.scores_receipt_file,
        name="scores-receipt-file",
    ),
]
