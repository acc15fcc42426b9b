"""Addresses of the money's API."""

from rest_framework.routers import SimpleRouter

from payouts import api

router = SimpleRouter()
router.register("receipts", api.ReceiptViewSet)
router.register("settlements", api.SettlementViewSet)
router.register("shares", api.ShareViewSet)
router.register("statements", api.StatementViewSet)
router.register("payment-batches", api.BatchViewSet)
router.register("payments", api.PaymentViewSet)
urlpatterns = router.urls
