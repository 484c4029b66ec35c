"""A page that shows the account of an application's client, live.

Needs the extra ``fastapi``. The guide is docs/dashboard.md.
"""

from zohocrm_async.dashboard._recorder import Recorder
from zohocrm_async.dashboard._router import router

__all__ = ["Recorder", "router"]
