"""The Celery application; tasks are found by the apps' own ``tasks`` modules."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aggregator.settings")

app = Celery("tianhui")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
