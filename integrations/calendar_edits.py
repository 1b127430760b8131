"""What an edit does to a resource's iCalendar text: bytes and a CalendarEdit in, new bytes and a receipt out. Pure text work for
every backend that stores text; it opens nothing and asks no clock. Every byte that is not ours to change stays."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from integrations.block_edits import delete_block, put_block
from integrations.component_draft import Edited
from integrations.host_edits import edit_host, restore_host
from integrations.ports import CalendarEdit, DeleteBlock, EditHost, PutBlock


def edit_resource(data: bytes | None, edit: CalendarEdit, now: datetime, home_zone: str) -> Edited:
    """`data` is the resource that holds the event (or is to hold the block), None where there is none yet. Permanent where it
    cannot be edited, PreconditionFailed where what is to be edited is gone."""
    if isinstance(edit, PutBlock):
        return put_block(data, edit.block, now)
    if isinstance(edit, DeleteBlock):
        return delete_block(data, edit.block_id)
    if isinstance(edit, EditHost):
        return edit_host(data, edit, now, ZoneInfo(home_zone))
    return restore_host(data, edit, now, ZoneInfo(home_zone))


def uid_of(edit: CalendarEdit) -> str:
    """The UID whose resource the edit is about."""
    if isinstance(edit, PutBlock):
        return edit.block.id
    if isinstance(edit, DeleteBlock):
        return edit.block_id
    return edit.host.key.uid if isinstance(edit, EditHost) else edit.key.uid
