"""Addresses of the ground floor's API."""

from rest_framework.routers import SimpleRouter

from aggregator import api

router = SimpleRouter()
router.register("villages", api.VillageViewSet)
router.register("households", api.HouseholdViewSet)
urlpatterns = router.urls
