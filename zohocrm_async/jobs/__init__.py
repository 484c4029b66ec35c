"""Jobs: a file of mails or merges, each item once, each accounted for on disk."""

from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.journal import Journal
from zohocrm_async.jobs.mail import MailJob
from zohocrm_async.jobs.merge import MergeJob
from zohocrm_async.jobs.report import JobReport

__all__ = ["Item", "ItemState", "JobReport", "Journal", "MailJob", "MergeJob"]
