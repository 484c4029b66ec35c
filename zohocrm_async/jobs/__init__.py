"""Jobs: a file of mails or merges, each item once, each accounted for on disk."""

from zohocrm_async.jobs.estimate import JobPlan
from zohocrm_async.jobs.find import Duplicates, find_duplicates
from zohocrm_async.jobs.groups import FieldRule, MasterRule
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.journal import Journal
from zohocrm_async.jobs.mail import MailJob
from zohocrm_async.jobs.merge import MergeJob
from zohocrm_async.jobs.preview import Preview
from zohocrm_async.jobs.report import JobReport

__all__ = [
    "Duplicates",
    "FieldRule",
    "Item",
    "ItemState",
    "JobPlan",
    "JobReport",
    "Journal",
    "MailJob",
    "MasterRule",
    "MergeJob",
    "Preview",
    "find_duplicates",
]
