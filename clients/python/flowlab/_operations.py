"""Every method of the API once: its name, its params, and how its answer is read. Both clients carry these out."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from . import _json
from ._bench import Alarm, Device, DeviceDetail, Hello, Info, Interlock, Reading, Reloaded, Signal, Status
from ._experiments import (
    Campaign, CampaignLike, Experiment, ExperimentLike, ExperimentState, Feature, Result, Submitted, id_of)
from ._hand import Analysis, Lease, LeaseLike, Look, Maintenance, ProgramRun, PumpStart, lease_id
from ._plans import Plan
from ._recipes import RecipeLike, recipe_to_json
from ._recorder import Recorder
from ._records import RecipeSchema, Reagents, Reference, Station

Value = TypeVar("Value", covariant=True)

READS = frozenset({
    "system.hello", "system.status", "system.info", "devices.list", "devices.get", "signals.list", "signals.read",
    "signals.history", "experiments.plan", "experiments.get", "experiments.list", "experiments.wait",
    "experiments.result", "experiments.results", "experiments.spectra", "campaigns.get", "campaigns.list",
    "recipes.schema", "reagents.list", "stations.list", "references.list", "interlocks.list", "alarms.list", "alarms.history", "audit.list", "lease.list", "archive.export", "rpc.discover",
    "recorder.list",
    "events.subscribe"})
"""They change nothing, so they are repeated when the connection was lost."""

KEYED = frozenset({"experiments.submit", "experiments.attach", "campaigns.create"})
"""The daemon does these once a key, so they are repeated too."""

HARMLESS_TWICE = frozenset({"safe_state.trigger", "system.reload"})
"""A stop that may have been lost is told again: twice safe is safe."""


def is_repeatable(method: str, params: Mapping[str, Any]) -> bool:
    if method in KEYED:
        return params.get("key") is not None
    return method in READS or method in HARMLESS_TWICE


def new_key() -> str:
    return str(uuid.uuid4())


def with_key(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """What is done once a key never goes without one."""
    made = dict(params)
    if method in KEYED and made.get("key") is None:
        made["key"] = new_key()
    return made


@dataclass(frozen=True, slots=True)
class Operation(Generic[Value]):
    method: str
    params: dict[str, Any]
    read: Callable[[Any], Value]
    """Of the result; raises `Malformed`."""


def given(**params: Any) -> dict[str, Any]:
    """Without what was left out: the daemon refuses members that it does not know, and an older one knows fewer."""
    return {name: value for name, value in params.items() if value is not None}


def _object(read: Callable[[dict[str, Any]], Value]) -> Callable[[Any], Value]:
    return lambda raw: read(_json.members(raw))


def _rows(name: str, read: Callable[[dict[str, Any]], Value]) -> Callable[[Any], tuple[Value, ...]]:
    return lambda raw: _json.rows(_json.members(raw), name, read)


# --- The bench ------------------------------------------------------------------------------------------------------


def hello(client: str | None) -> Operation[Hello]:
    return Operation("system.hello", given(client=client), _object(Hello.from_json))


def status() -> Operation[Status]:
    return Operation("system.status", {}, _object(Status.from_json))


def info() -> Operation[Info]:
    return Operation("system.info", {}, _object(Info.from_json))


def reload() -> Operation[Reloaded]:
    return Operation("system.reload", {}, _object(Reloaded.from_json))


def discover() -> Operation[dict[str, Any]]:
    return Operation("rpc.discover", {}, _json.members)


def devices() -> Operation[tuple[Device, ...]]:
    return Operation("devices.list", {}, _rows("devices", Device.from_json))


def device(name: str) -> Operation[DeviceDetail]:
    return Operation("devices.get", {"device": name}, _object(DeviceDetail.from_json))


def signals() -> Operation[tuple[Signal, ...]]:
    return Operation("signals.list", {}, _rows("signals", Signal.from_json))


def _readings(raw: Any) -> dict[str, Reading]:
    return _json.table(_json.members(raw), "readings", Reading.from_json)


def read(names: Sequence[str]) -> Operation[dict[str, Reading]]:
    return Operation("signals.read", {"names": list(names)}, _readings)


def interlocks() -> Operation[tuple[Interlock, ...]]:
    return Operation("interlocks.list", {}, _rows("interlocks", Interlock.from_json))


def reset_interlock(name: str) -> Operation[dict[str, Any]]:
    return Operation("interlocks.reset", {"interlock": name}, _json.members)


def bypass_interlock(name: str, person: str, reason: str, duration_s: float) -> Operation[str]:
    params: dict[str, Any] = {"interlock": name, "person": person, "reason": reason, "duration_s": duration_s}
    return Operation("interlocks.bypass", params, lambda raw: _json.text(_json.members(raw), "until"))


def restore_interlock(name: str) -> Operation[dict[str, Any]]:
    return Operation("interlocks.restore", {"interlock": name}, _json.members)


def prove_interlock(name: str, person: str) -> Operation[dict[str, Any]]:
    return Operation("interlocks.prove", {"interlock": name, "person": person}, _json.members)


def alarms() -> Operation[tuple[Alarm, ...]]:
    return Operation("alarms.list", {}, _rows("alarms", Alarm.from_json))


def acknowledge_alarm(name: str) -> Operation[dict[str, Any]]:
    return Operation("alarms.acknowledge", {"alarm": name}, _json.members)


def shelve_alarm(name: str, person: str, reason: str, duration_s: float) -> Operation[str]:
    params: dict[str, Any] = {"alarm": name, "person": person, "reason": reason, "duration_s": duration_s}
    return Operation("alarms.shelve", params, lambda raw: _json.text(_json.members(raw), "until"))


def unshelve_alarm(name: str) -> Operation[dict[str, Any]]:
    return Operation("alarms.unshelve", {"alarm": name}, _json.members)


def trigger_safe_state(reason: str | None) -> Operation[tuple[str, ...]]:
    return Operation("safe_state.trigger", given(reason=reason), _object(lambda raw: _json.texts(raw, "latched")))


def subscribe(topics: Iterable[str], start: int | None, stream: str | None) -> Operation[tuple[str, int]]:
    """The stream's id and the number of its next event. `from` is a word of Python's, hence the table."""
    params = {"topics": list(topics), **given(**{"from": start, "stream": stream})}
    return Operation(
        "events.subscribe", params, _object(lambda raw: (_json.text(raw, "stream"), _json.whole(raw, "next"))))


# --- Experiments ----------------------------------------------------------------------------------------------------


def schema() -> Operation[RecipeSchema]:
    return Operation("recipes.schema", {}, _object(RecipeSchema.from_json))


def plan(recipe: RecipeLike) -> Operation[Plan]:
    return Operation("experiments.plan", {"recipe": recipe_to_json(recipe)}, _object(Plan.from_json))


def submit(
    recipe: RecipeLike, key: str | None, metadata: Any, campaign: CampaignLike | None, priority: int | None,
    if_client_gone: str | None,
) -> Operation[Submitted]:
    sent = new_key() if key is None else key
    params = given(
        recipe=recipe_to_json(recipe), key=sent, metadata=metadata, campaign=maybe_id(campaign), priority=priority,
        if_client_gone=if_client_gone)
    return Operation("experiments.submit", params, _object(lambda raw: Submitted.from_json(raw, sent)))


def maybe_id(campaign: CampaignLike | None) -> str | None:
    return None if campaign is None else id_of(campaign)


def get(experiment: ExperimentLike) -> Operation[Experiment]:
    return Operation("experiments.get", {"experiment": id_of(experiment)}, _object(Experiment.from_json))


def wait(experiment: ExperimentLike, timeout_s: float) -> Operation[Experiment]:
    params = {"experiment": id_of(experiment), "timeout_s": timeout_s}
    return Operation("experiments.wait", params, _object(Experiment.from_json))


def result(experiment: ExperimentLike) -> Operation[Result]:
    return Operation("experiments.result", {"experiment": id_of(experiment)}, _object(Result.from_json))


def _change(verb: str, experiment: ExperimentLike, reason: str | None = None) -> Operation[ExperimentState]:
    params = {"experiment": id_of(experiment), **given(reason=reason)}
    return Operation(f"experiments.{verb}", params, _object(ExperimentState.from_json))


def cancel(experiment: ExperimentLike) -> Operation[ExperimentState]:
    return _change("cancel", experiment)


def hold(experiment: ExperimentLike, reason: str | None) -> Operation[ExperimentState]:
    return _change("hold", experiment, reason)


def release(experiment: ExperimentLike) -> Operation[ExperimentState]:
    return _change("release", experiment)


def abandon(experiment: ExperimentLike, reason: str) -> Operation[ExperimentState]:
    return _change("abandon", experiment, reason)


def attach(
    recipe: RecipeLike, features: Mapping[str, Feature | Mapping[str, Any]], source: str, key: str | None,
    metadata: Any, campaign: CampaignLike | None,
) -> Operation[ExperimentState]:
    told = {
        name: given(mean=value.mean, sem=value.sem, n=value.n, unit=value.unit) if isinstance(value, Feature)
        else dict(value)
        for name, value in features.items()}
    params = given(
        recipe=recipe_to_json(recipe), features=told, source=source, key=new_key() if key is None else key,
        metadata=metadata, campaign=maybe_id(campaign))
    return Operation("experiments.attach", params, _object(ExperimentState.from_json))


# --- Campaigns, reagents, references --------------------------------------------------------------------------------


def create_campaign(name: str, key: str | None, metadata: Any) -> Operation[Campaign]:
    params = given(name=name, key=new_key() if key is None else key, metadata=metadata)
    return Operation("campaigns.create", params, _object(Campaign.from_json))


def campaign(campaign: CampaignLike) -> Operation[Campaign]:
    return Operation("campaigns.get", {"campaign": id_of(campaign)}, _object(Campaign.from_json))


def reagents() -> Operation[Reagents]:
    return Operation("reagents.list", {}, _object(Reagents.from_json))


def refill(
    device: str, volume_ul: float | None, batch: str | None, lot: str | None,
    components_mm: Mapping[str, float] | None, note: str | None,
) -> Operation[float | None]:
    params = given(
        device=device, volume_ul=volume_ul, batch=batch, lot=lot, note=note,
        components_mm=None if components_mm is None else dict(components_mm))
    return Operation("reagents.refill", params, _object(_remaining))


def empty_waste(note: str | None) -> Operation[float | None]:
    return Operation("reagents.empty_waste", given(note=note), _object(_remaining))


def stations() -> Operation[tuple[Station, ...]]:
    return Operation("stations.list", {}, _object(lambda raw: _json.rows(raw, "stations", Station.from_json)))


def set_station(station: str, cuvettes: int, sample: str | None, note: str | None) -> Operation[Station]:
    params = given(station=station, cuvettes=cuvettes, sample=sample, note=note)
    return Operation("stations.set", params, _object(Station.from_json))


def _remaining(raw: dict[str, Any]) -> float | None:
    return _json.maybe_number(raw, "remaining_ul")


def references() -> Operation[tuple[Reference, ...]]:
    return Operation("references.list", {}, _rows("references", Reference.from_json))


def dump_recorder(reason: str | None) -> Operation[str]:
    return Operation("recorder.dump", given(reason=reason), _object(lambda raw: _json.text(raw, "recording")))


def recorder() -> Operation[Recorder]:
    return Operation("recorder.list", {}, _object(Recorder.from_json))


# --- By hand --------------------------------------------------------------------------------------------------------


def acquire_lease(devices: Iterable[str], person: str, reason: str, duration_s: float | None) -> Operation[Lease]:
    params = given(devices=list(devices), person=person, reason=reason, duration_s=duration_s)
    return Operation("lease.acquire", params, _object(Lease.from_json))


def renew_lease(lease: LeaseLike, duration_s: float | None) -> Operation[Lease]:
    return Operation("lease.renew", given(lease=lease_id(lease), duration_s=duration_s), _object(Lease.from_json))


def release_lease(lease: LeaseLike) -> Operation[dict[str, Any]]:
    return Operation("lease.release", {"lease": lease_id(lease)}, _json.members)


def leases() -> Operation[tuple[Lease, ...]]:
    return Operation("lease.list", {}, _rows("leases", Lease.from_json))


def enter_maintenance(
    person: str, reason: str, duration_s: float, take_over: bool | None,
) -> Operation[Maintenance]:
    params = given(person=person, reason=reason, duration_s=duration_s, take_over=take_over)
    return Operation("maintenance.enter", params, _object(Maintenance.from_json))


def exit_maintenance() -> Operation[Maintenance]:
    return Operation("maintenance.exit", {}, _object(Maintenance.from_json))


def move_pump(method: str, device: str, flow_ul_min: float | None, volume_ul: float | None) -> Operation[PumpStart]:
    params = given(device=device, flow_ul_min=flow_ul_min, volume_ul=volume_ul)
    return Operation(method, params, _object(PumpStart.from_json))


def purge() -> Operation[tuple[PumpStart, ...]]:
    return Operation("pumps.purge", {}, _rows("pumps", PumpStart.from_json))


def calibrate_pump(device: str, displaced_ul: float, measured_ul: float, person: str) -> Operation[dict[str, float]]:
    params = {"device": device, "displaced_ul": displaced_ul, "measured_ul": measured_ul, "person": person}
    return Operation("pumps.calibrate", params, _object(
        lambda raw: {name: _json.number(raw, name) for name in ("ratio", "diameter_factor")}))


def on_device(method: str, device: str, **params: Any) -> Operation[dict[str, Any]]:
    return Operation(method, {"device": device, **params}, _json.members)


def acquire(device: str, integration_s: float, frames: int | None) -> Operation[Look]:
    params = given(device=device, integration_s=integration_s, frames=frames)
    return Operation("spectrometers.acquire", params, _object(Look.from_json))


def measure(device: str, sample: str, within_s: float | None) -> Operation[Analysis]:
    params = given(device=device, sample=sample, within_s=within_s)
    return Operation("analyzers.measure", params, _object(Analysis.from_json))


def run_program(steps: Sequence[Mapping[str, Any]]) -> Operation[ProgramRun]:
    return Operation("boards.run", {"steps": [dict(step) for step in steps]}, _object(ProgramRun.from_json))


def program_s(steps: Sequence[Mapping[str, Any]]) -> float:
    """How long the daemon may take to answer: until the last step, and what it grants itself."""
    times = [step.get("at_s") for step in steps]
    return max([float(at) for at in times if isinstance(at, (int, float))], default=0.0) + 60


def measuring_s(within_s: float | None) -> float:
    """How long the daemon may take to answer: its own time is over first, a day at most."""
    return (86_400 if within_s is None else within_s) + 60
