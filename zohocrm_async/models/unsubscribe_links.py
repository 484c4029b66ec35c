"""Unsubscribe links of the organisation.

See https://www.zoho.com/crm/developer/docs/api/v7/get-unsubscribe-links.html.
"""

from collections.abc import Iterable
from datetime import datetime

from attrs import field, frozen
from attrs.converters import optional

from zohocrm_async.models.common import ModuleReference, Reference, Word


class PageType(Word):
    """Whose page the link leads to."""

    STANDARD = "standard"
    CUSTOM = "custom"


class SubmissionAction(Word):
    """What happens once somebody has unsubscribed."""

    DISPLAY_MESSAGE = "display_message"
    REDIRECT = "redirect"


@frozen
class UnsubscribeLink:
    """A link by which recipients opt out."""

    id: str
    name: str | None = None
    page_type: PageType | None = None
    custom_location_url: str | None = None
    standard_page_message: str | None = None
    submission_action_type: SubmissionAction | None = None
    submission_message: str | None = None
    submission_redirect_url: str | None = None
    location_url_type: str | None = None
    landing_url: str | None = None
    action_on_unsubscribe: str | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None


@frozen(kw_only=True)
class NewUnsubscribeLink:
    """An unsubscribe link to create."""

    name: str
    page_type: PageType = field(default=PageType.STANDARD, converter=PageType)
    custom_location_url: str | None = None
    """The page that holds the link, with page type custom."""
    standard_page_message: str | None = None
    submission_action_type: SubmissionAction = field(
        default=SubmissionAction.DISPLAY_MESSAGE, converter=SubmissionAction
    )
    submission_message: str | None = None
    """What is shown, with the action display_message."""
    submission_redirect_url: str | None = None
    """Where to go, with the action redirect."""

    def problems(self) -> Iterable[str]:
        """Say what the documentation rules out, a sentence for each."""
        if not self.name.strip():
            yield "name is empty"
        if self.page_type == PageType.CUSTOM and not self.custom_location_url:
            yield "page_type custom asks for custom_location_url"
        if self.page_type == PageType.STANDARD and self.custom_location_url:
            yield "custom_location_url goes with page_type custom, not standard"
        redirects = self.submission_action_type == SubmissionAction.REDIRECT
        if redirects and not self.submission_redirect_url:
            yield "submission_action_type redirect asks for submission_redirect_url"


@frozen(kw_only=True)
class UnsubscribeLinkChange:
    """What to change of an unsubscribe link; keys left out stay as they are."""

    id: str | None = None
    """Needed where several are changed in one call."""
    name: str | None = None
    page_type: PageType | None = field(default=None, converter=optional(PageType))
    custom_location_url: str | None = None
    standard_page_message: str | None = None
    submission_action_type: SubmissionAction | None = field(
        default=None, converter=optional(SubmissionAction)
    )
    submission_message: str | None = None
    submission_redirect_url: str | None = None


@frozen
class AssociationDetails:
    """Where in detail a link is used."""

    module: ModuleReference | None = None


@frozen
class AssociatedPlace:
    """A place that uses an unsubscribe link."""

    type: str | None = None
    resource: Reference | None = None
    details: AssociationDetails | None = None


@frozen
class UnsubscribeLinkAssociation:
    """An unsubscribe link with the places that use it."""

    id: str
    associated_places: tuple[AssociatedPlace, ...] = ()
