from django.urls import path

from matching.proofs import views

app_name = "proofs"
urlpatterns = [
    path("<int:call>/", views.call_proof, name="call-proof"),
    path("<int:call>/mine.json", views.personal_proof_file, name="personal-proof-file"),
    path("<int:call>/receipt/", views.receipt_check, name="receipt-check"),
]
