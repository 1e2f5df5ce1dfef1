from django.urls import path

from matching.proofs import views

app_name = "proofs"
urlpatterns = [
    path("audits/", views.audit_list, name="audit-list"),
    path("<int:call>/audit/", views.audit_detail, name="audit-detail"),
    path("<int:call>/audit/market.json", views.audit_market, name="audit-market"),
    path("<int:call>/audit/result.json", views.audit_result, name="audit-result"),
    path("<int:call>/", views.call_proof, name="call-proof"),
    path("<int:call>/mine.json", views.personal_proof_file, name="personal-proof-file"),
    path("<int:call>/receipt/", views.receipt_check, name="receipt-check"),
]
