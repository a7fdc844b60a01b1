"""Answers that come a page at a time: each page knows the operation that gets the next one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from . import _json
from ._bench import Alarm, Audited
from ._experiments import Campaign, CampaignLike, Experiment, ExperimentLike, Summary, id_of
from ._json import Malformed
from ._operations import Operation, given, maybe_id
from ._records import Point, Spectrum

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    items: tuple[Item, ...]
    following: Operation[Page[Item]] | None
    """None on the last page."""
    later: Operation[Page[Item]] | None = None
    """Of results: asks for what comes after the last page."""


def _by_cursor(
    method: str, params: dict[str, Any], cursor: str, rows: str, read: Callable[[dict[str, Any]], Item],
    read_next: Callable[[dict[str, Any], str], str | int | None] = _json.maybe_text,
) -> Operation[Page[Item]]:
    """Pages whose `next` is the value that the param `cursor` has for the next page; null on the last."""
    def page(raw: Any) -> Page[Item]:
        members = _json.members(raw)
        items = _json.rows(members, rows, read)
        following = read_next(members, "next")
        if following is None:
            return Page(items, None)
        if following == params.get(cursor):
            raise Malformed(f"next: {following} again, so that the pages would never end")
        return Page(items, _by_cursor(method, {**params, cursor: following}, cursor, rows, read, read_next))

    return Operation(method, params, page)


def experiments(
    state: str | None, campaign: CampaignLike | None, pending: bool | None, after: ExperimentLike | None,
    limit: int | None,
) -> Operation[Page[Summary]]:
    params = given(
        after=None if after is None else id_of(after), state=state, limit=limit, campaign=maybe_id(campaign),
        pending=pending)
    return _by_cursor("experiments.list", params, "after", "experiments", Summary.from_json)


def campaigns(after: CampaignLike | None, limit: int | None) -> Operation[Page[Campaign]]:
    params = given(after=maybe_id(after), limit=limit)
    return _by_cursor("campaigns.list", params, "after", "campaigns", Campaign.from_json)


def alarm_history(before: int | None, limit: int | None) -> Operation[Page[Alarm]]:
    params = given(before=before, limit=limit)
    return _by_cursor("alarms.history", params, "before", "alarms", Alarm.from_json, _json.maybe_whole)


def audit(
    method: str | None, uid: int | None, before: int | None, limit: int | None,
) -> Operation[Page[Audited]]:
    params = given(method=method, uid=uid, before=before, limit=limit)
    return _by_cursor("audit.list", params, "before", "records", Audited.from_json, _json.maybe_whole)


def history(
    signal: str, start: str | None, end: str | None, limit: int | None,
) -> Operation[Page[Point]]:
    params = given(signal=signal, **{"from": start, "to": end, "limit": limit})
    return _by_cursor("signals.history", params, "from", "points", Point.from_json)


def results(since: int, campaign: CampaignLike | None, limit: int | None) -> Operation[Page[Experiment]]:
    params = given(since=since, campaign=maybe_id(campaign), limit=limit)

    def page(raw: Any) -> Page[Experiment]:
        members = _json.members(raw)
        following, more = _json.whole(members, "next"), _json.maybe_flag(members, "more") or False
        if following < since or (more and following == since):
            raise Malformed(f"next: {following} after {since}, so that the pages would never end")
        later = results(following, campaign, limit)
        return Page(_json.rows(members, "results", Experiment.from_json), later if more else None, later)

    return Operation("experiments.results", params, page)


def _by_number(
    method: str, params: dict[str, Any], number: int, read: Callable[[dict[str, Any]], tuple[Item, ...]],
) -> Operation[Page[Item]]:
    """Pages 1 to `pages`."""
    def page(raw: Any) -> Page[Item]:
        members = _json.members(raw)
        more = number < _json.whole(members, "pages")
        return Page(read(members), _by_number(method, params, number + 1, read) if more else None)

    return Operation(method, {**params, "page": number}, page)


def spectra(experiment: ExperimentLike, device: str | None) -> Operation[Page[Spectrum]]:
    params = given(experiment=id_of(experiment), device=device)

    def read(members: dict[str, Any]) -> tuple[Spectrum, ...]:
        encoding = members.get("encoding")
        if encoding != "base64-f32le":
            raise Malformed(f"encoding: expected base64-f32le, got {encoding!r}")
        return _json.rows(members, "spectra", Spectrum.from_json)

    return _by_number("experiments.spectra", params, 1, read)


def export(table: str, campaign: CampaignLike | None) -> Operation[Page[str]]:
    """One text a page, each with the header."""
    params = given(table=table, campaign=maybe_id(campaign))
    return _by_number("archive.export", params, 1, lambda members: (_json.text(members, "csv"),))


def csv_rows(page: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page, newline="")))
