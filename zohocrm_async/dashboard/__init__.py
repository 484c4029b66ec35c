"""A page that shows the account of an application's client, live.

Needs the extra ``fastapi``. The guide is docs/dashboard.md.
"""

try:
    import fastapi as _library
except ModuleNotFoundError as _missing:
    raise ImportError(
        "zohocrm_async.dashboard needs FastAPI: pip install 'zohocrm-async[fastapi]'"
    ) from _missing

from zohocrm_async.dashboard._recorder import Recorder
from zohocrm_async.dashboard._router import router

del _library

__all__ = ["Recorder", "router"]
