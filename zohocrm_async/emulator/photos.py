"""Photos of records, and the organisation's logo.

See https://www.zoho.com/crm/developer/docs/api/v7/upload-image.html.
"""

from collections.abc import Mapping

from zohocrm_async._module_names import STANDARD_MODULES
from zohocrm_async.emulator import errors
from zohocrm_async.emulator.attached import Place, StoredFile
from zohocrm_async.emulator.attachments import one_file, record_of, sent
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import Refusal, Reply, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.images import image_size
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.state import State

PHOTO_MODULES = ("Leads", "Contacts", "Accounts", "Products", "Deals", "Vendors")
_LARGEST, _LARGEST_LOGO = 10 * 1024 * 1024, 1024 * 1024
_MOST_PIXELS = 10_000_000


def _image(state: State, incoming: Incoming, *, largest: int) -> StoredFile:
    file = one_file(state, incoming, largest=largest, status=415)
    size = image_size(file.content)
    if size is None:
        raise Refusal("INVALID_DATA", "the file is no image", api_name="file")
    if size[0] * size[1] > _MOST_PIXELS:
        raise Refusal(
            "FILE_SIZE_MORE_THAN_ALLOWED_SIZE", "the image has more than 10 MP", status=415
        )
    return file


def _done(message: str) -> Reply:
    return Reply(success_item(message), code="SUCCESS")


def _place(state: State, incoming: Incoming) -> Place:
    module = state.module_name(incoming.module)
    if module in STANDARD_MODULES and module not in PHOTO_MODULES:
        raise errors.unknown_module()
    return module, record_of(state, incoming)["id"]


def _get(state: State, incoming: Incoming, _: Declared) -> Reply:
    photo = state.attached.photos.get(_place(state, incoming))
    return Reply(None, 204) if photo is None else sent(photo)


def _upload(state: State, incoming: Incoming, _: Declared) -> Reply:
    place = _place(state, incoming)
    if incoming.query.get("restrict_triggers", "workflow") != "workflow":
        raise Refusal("INVALID_DATA", "the word is unknown", param_name="restrict_triggers")
    if state.is_locked(*place):
        raise Refusal("RECORD_LOCKED", "the record is locked", id=place[1])
    photo = _image(state, incoming, largest=_LARGEST)
    state.attached.photos[place] = photo
    record_of(state, incoming)["Record_Image"] = photo.id
    return _done("photo uploaded successfully")


def _delete(state: State, incoming: Incoming, _: Declared) -> Reply:
    if state.attached.photos.pop(_place(state, incoming), None) is None:
        raise Refusal("INVALID_DATA", "there is no photo to delete")
    record_of(state, incoming)["Record_Image"] = None
    return _done("photo deleted")


# --- the organisation's


def _get_logo(state: State, _: Incoming, __: Declared) -> Reply:
    logo = state.attached.logo
    return Reply(None, 204) if logo is None else sent(logo)


def _upload_logo(state: State, incoming: Incoming, _: Declared) -> Reply:
    state.attached.logo = _image(state, incoming, largest=_LARGEST_LOGO)
    return _done("photo uploaded successfully")


def _delete_logo(state: State, _: Incoming, __: Declared) -> Reply:
    if state.attached.logo is None:
        raise Refusal("INVALID_DATA", "there is no photo to delete")
    state.attached.logo = None
    return _done("photo deleted")


PHOTOS: Mapping[str, Work] = {
    "photos.download": _get,
    "photos.upload": _upload,
    "photos.delete": _delete,
    "organization.download_photo": _get_logo,
    "organization.upload_photo": _upload_logo,
    "organization.delete_photo": _delete_logo,
}
