"""The Celery application; tasks are found by the apps' own ``tasks`` modules."""

import os
from typing import Any

from celery import Celery
from celery.contrib.django.task import DjangoTask

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aggregator.settings")


class NamedTask(DjangoTask):  # type: ignore[misc]
    """What a task writes is recorded under the task's name."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # Waits for Django's registry: the worker imports this module before it.
        from aggregator.actors import acting

        with acting(via=self.name):
            return super().__call__(*args, **kwargs)


app = Celery("tianhui", task_cls=NamedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
