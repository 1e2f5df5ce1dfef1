from django.urls import path

from matching.proofs import views

app_name = "proofs"
urlpatterns = [
    path("<int:call>/", views.call_proof, name="call-proof"),
    path("<int:call>/receipt/", views.receipt_check, name="receipt-check"),
]
