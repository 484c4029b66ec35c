"""Mail and merge jobs on many hosts: tasks of a Taskiq broker, journals in a database.

The same `Jobs` is made in every process, those that start jobs and those that work::

    broker = redis_broker("redis://127.0.0.1:6379/0")
    jobs = Jobs(broker, "postgresql://jobs@db/jobs", organisation="acme", crm=client)
"""

try:
    import sqlalchemy as _database
    import taskiq as _library
    import taskiq_redis as _broker
except ModuleNotFoundError as _missing:
    raise ImportError(
        f"zohocrm_async.taskiq needs {_missing.name}: pip install 'zohocrm-async[taskiq]'"
    ) from _missing

from zohocrm_async.taskiq._brokers import redis_broker
from zohocrm_async.taskiq._jobs import Jobs
from zohocrm_async.taskiq._running import RunningJob
from zohocrm_async.taskiq._settings import Wait
from zohocrm_async.taskiq._states import JobState, Progress
from zohocrm_async.taskiq._worker import work

del _broker, _database, _library

__all__ = ["JobState", "Jobs", "Progress", "RunningJob", "Wait", "redis_broker", "work"]
