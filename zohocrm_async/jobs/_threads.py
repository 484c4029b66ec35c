"""Work in threads, for the modules of jobs."""

from zohocrm_async._threads import in_thread

__all__ = ["in_thread"]
