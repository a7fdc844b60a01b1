"""The client for threads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from types import TracebackType
from typing import Any, TypeVar

from . import _operations as ops
from . import _pages as pages
from ._bench import Alarm, Audited, Device, DeviceDetail, Hello, Info, Interlock, Reading, Reloaded, Signal, Status
from ._channel import Channel
from ._core import (
    EARLY_S, WAIT_SLICE_S, Deadline, Settings, join_csv, not_ended, position_of, read_result, refuse_subscribe,
    require_feasible, result_of)
from ._events import Event, Position
from ._experiments import (
    Campaign, CampaignLike, Experiment, ExperimentLike, ExperimentState, Feature, Result, Submitted, Summary)
from ._hand import Analysis, Lease, LeaseLike, Look, Maintenance, ProgramRun, PumpStart
from ._operations import Operation
from ._pages import Page
from ._plans import Plan
from ._recipes import RecipeLike
from ._recorder import Recorder
from ._records import Point, Reagents, RecipeSchema, Reference, Spectrum, Station
from ._subscription import Events

Value = TypeVar("Value")


class Client:
    """A client of flowlabd; threads may share it.

    It has one connection and makes it again when the daemon was restarted: what only looks is repeated; so is what has
    an idempotency key, which every submit has; any other change is not repeated and raises `ConnectionLost`, which says
    whether its outcome is unknown. All times that are given here are wall time, in seconds.
    """

    def __init__(
        self, socket: str | os.PathLike[str] | None = None, *, name: str | None = None, timeout_s: float = 60.0,
        reconnect_s: float = 30.0, connect_s: float = 0.0,
    ) -> None:
        """Connects.

        - socket: path of the control socket; else `$FLOWLAB_SOCKET`, else the only `/run/flowlab/*/control.sock`.
        - name: of the client, for the daemon's journal.
        - timeout_s: how long the daemon may take to answer.
        - reconnect_s: how long a loss of the connection is borne before `ConnectionLost`.
        - connect_s: how long to wait here for a daemon that is not there yet.
        """
        self._channel = Channel(Settings.make(socket, name, timeout_s, reconnect_s, connect_s))
        try:
            self._channel.connect()
        except BaseException:
            self.close()
            raise

    @property
    def path(self) -> str:
        return self._channel.settings.path

    @property
    def greeting(self) -> Hello:
        """Bench, role and versions, as told at the last connection."""
        assert self._channel.hello is not None
        return self._channel.hello

    def close(self) -> None:
        """Whoever waits gets `Closed`. Experiments go on without their client."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- Anything ---------------------------------------------------------------------------------------------------

    def call(self, method: str, /, **params: Any) -> Any:
        """Any method of the API: the result as it came."""
        refuse_subscribe(method)
        return self._channel.request(method, ops.with_key(method, params))

    def _do(self, operation: Operation[Value]) -> Value:
        return read_result(operation, self._channel.request(operation.method, operation.params))

    def _pages(self, operation: Operation[Page[Value]] | None) -> Iterator[Value]:
        while operation is not None:
            page = self._do(operation)
            yield from page.items
            operation = page.following

    # --- The bench --------------------------------------------------------------------------------------------------

    def hello(self) -> Hello:
        return self._do(ops.hello(self._channel.settings.name))

    def status(self) -> Status:
        """What runs, what waits and why, what is latched, how the devices are."""
        return self._do(ops.status())

    def info(self) -> Info:
        return self._do(ops.info())

    def reload(self) -> Reloaded:
        """Has the bench file read anew: roles and the program that alarms call hold at once, all else after a restart."""
        return self._do(ops.reload())

    def discover(self) -> dict[str, Any]:
        """The OpenRPC document of the daemon."""
        return self._do(ops.discover())

    def devices(self) -> tuple[Device, ...]:
        return self._do(ops.devices())

    def device(self, name: str) -> DeviceDetail:
        return self._do(ops.device(name))

    def signals(self) -> tuple[Signal, ...]:
        return self._do(ops.signals())

    def read(self, *names: str) -> dict[str, Reading]:
        """Last readings by signal; `*` and `?` in names stand for any characters and for one."""
        return self._do(ops.read(names))

    def history(
        self, signal: str, *, start: str | None = None, end: str | None = None, limit: int | None = None,
    ) -> Iterator[Point]:
        """Points of a signal between two times (RFC 3339), oldest first. `limit` is of points a page."""
        return self._pages(pages.history(signal, start, end, limit))

    def interlocks(self) -> tuple[Interlock, ...]:
        return self._do(ops.interlocks())

    def reset_interlock(self, name: str) -> None:
        """Takes a latch away; refused while its cause is there (`ResetRefused`)."""
        self._do(ops.reset_interlock(name))

    def bypass_interlock(self, name: str, *, person: str, reason: str, duration_s: float) -> str:
        """Takes an interlock out of service for a while, where the bench file permits it; when it ends by itself."""
        return self._do(ops.bypass_interlock(name, person, reason, duration_s))

    def restore_interlock(self, name: str) -> None:
        """Ends a bypass before its time."""
        self._do(ops.restore_interlock(name))

    def prove_interlock(self, name: str, *, person: str) -> Mapping[str, Any]:
        """Proof test: shows an interlock its cause, so that it trips. What was injected, with the effects and the time."""
        return self._do(ops.prove_interlock(name, person))

    def alarms(self) -> tuple[Alarm, ...]:
        """What a person should know of, critical ones first."""
        return self._do(ops.alarms())

    def acknowledge_alarm(self, name: str) -> None:
        """Says that somebody knows of it."""
        self._do(ops.acknowledge_alarm(name))

    def shelve_alarm(self, name: str, *, person: str, reason: str, duration_s: float) -> str:
        """Puts an alarm away for a while; when it calls again by itself."""
        return self._do(ops.shelve_alarm(name, person, reason, duration_s))

    def unshelve_alarm(self, name: str) -> None:
        """Takes it off its shelf before its time."""
        self._do(ops.unshelve_alarm(name))

    def alarm_history(self, *, before: int | None = None, limit: int | None = None) -> Iterator[Alarm]:
        """Alarms of all times, the last first."""
        return self._pages(pages.alarm_history(before, limit))

    def audit(
        self, *, method: str | None = None, uid: int | None = None, before: int | None = None, limit: int | None = None,
    ) -> Iterator[Audited]:
        """Who changed what, the last first."""
        return self._pages(pages.audit(method, uid, before, limit))

    def trigger_safe_state(self, reason: str | None = None) -> tuple[str, ...]:
        """Brings everything to its safe state, whoever asks. The interlocks that are latched now."""
        return self._do(ops.trigger_safe_state(reason))

    def events(self, *topics: str, after: Position | Event | tuple[str, int] | None = None) -> Events:
        """What happens from now on, or after an event that was seen: `experiments`, `alarms`, `interlocks`, `devices`,
        `maintenance`, `signals:PATTERN`. Its items are `Event`, `Gap` and `StreamChanged`."""
        return Events(self._channel, topics, position_of(after))

    # --- By hand ----------------------------------------------------------------------------------------------------

    def acquire_lease(
        self, *devices: str, person: str, reason: str, duration_s: float | None = None,
    ) -> Lease:
        """Claims devices for this connection; renew it in time. The queue waits. A lost connection ends it."""
        return self._do(ops.acquire_lease(devices, person, reason, duration_s))

    def renew_lease(self, lease: LeaseLike, *, duration_s: float | None = None) -> Lease:
        return self._do(ops.renew_lease(lease, duration_s))

    def release_lease(self, lease: LeaseLike) -> None:
        """What was moved under it is stopped."""
        self._do(ops.release_lease(lease))

    def leases(self) -> tuple[Lease, ...]:
        """Who has which devices in hand."""
        return self._do(ops.leases())

    def enter_maintenance(
        self, *, person: str, reason: str, duration_s: float, take_over: bool | None = None,
    ) -> Maintenance:
        """Pauses the queue: what runs is finished, then nothing starts until `exit_maintenance`. `take_over` takes the
        bench also from another person."""
        return self._do(ops.enter_maintenance(person, reason, duration_s, take_over))

    def exit_maintenance(self) -> Maintenance:
        """The queue goes on: plate and pumps may start at once."""
        return self._do(ops.exit_maintenance())

    def start_pump(self, device: str, *, flow_ul_min: float, volume_ul: float) -> PumpStart:
        """Runs a leased pump for a volume, which it ends by itself; returns once it runs."""
        return self._do(ops.move_pump("pumps.start", device, flow_ul_min, volume_ul))

    def prime_pump(
        self, device: str, *, flow_ul_min: float | None = None, volume_ul: float | None = None,
    ) -> PumpStart:
        """The same, as the bench file says where nothing is given."""
        return self._do(ops.move_pump("pumps.prime", device, flow_ul_min, volume_ul))

    def refill_pump(
        self, device: str, *, flow_ul_min: float | None = None, volume_ul: float | None = None,
    ) -> PumpStart:
        """Draws in what its line dips into; say afterwards what the syringe holds: `refill`."""
        return self._do(ops.move_pump("pumps.refill", device, flow_ul_min, volume_ul))

    def stop_pump(self, device: str) -> None:
        """Needs no lease; an experiment that uses the pump fails."""
        self._do(ops.on_device("pumps.stop", device))

    def purge(self) -> tuple[PumpStart, ...]:
        """Flushes the line now; all its pumps must be leased."""
        return self._do(ops.purge())

    def calibrate_pump(
        self, device: str, *, displaced_ul: float, measured_ul: float, person: str,
    ) -> Mapping[str, float]:
        """Keeps what was measured: `ratio`, and the `diameter_factor` that would make it right. Moves nothing."""
        return self._do(ops.calibrate_pump(device, displaced_ul, measured_ul, person))

    def heat(self, device: str, temperature_c: float) -> None:
        """Holds a leased heater at a temperature; off when the lease ends."""
        self._do(ops.on_device("heaters.set", device, temperature_c=temperature_c))

    def heater_off(self, device: str) -> None:
        """Needs no lease; an experiment that uses the heater fails."""
        self._do(ops.on_device("heaters.off", device))

    def lamp(self, device: str, on: bool) -> None:
        """On needs a lease."""
        self._do(ops.on_device("spectrometers.lamp", device, on=on))

    def acquire(self, device: str, *, integration_s: float, frames: int | None = None) -> Look:
        """A spectrum by hand, with a leased spectrometer; it is not stored."""
        return self._do(ops.acquire(device, integration_s, frames))

    def select_valve(self, device: str, position: str) -> None:
        """Answered once the leased valve shows the position."""
        self._do(ops.on_device("valves.select", device, position=position))

    def transfer(self, robot: str, *, from_station: str, to_station: str) -> None:
        """The leased robot fetches, sets down, and goes out of the way."""
        self._do(ops.on_device("robots.transfer", robot, **{"from": from_station, "to": to_station}))

    def park_robot(self, device: str) -> None:
        """Out of everybody's way; what it holds it keeps."""
        self._do(ops.on_device("robots.park", device))

    def halt_robot(self, device: str) -> None:
        """Needs no lease; an experiment that uses the robot fails."""
        self._do(ops.on_device("robots.halt", device))

    def control_robot(self, device: str, action: str) -> None:
        """Of a leased controller: `power-on`, `power-off`, `release-brakes`, `play`, `unlock`."""
        self._do(ops.on_device("robots.control", device, action=action))

    def set_gas(self, device: str, flow_ml_min_std: float) -> None:
        """A leased flow controller holds this flow."""
        self._do(ops.on_device("flow_controllers.set", device, flow_ml_min_std=flow_ml_min_std))

    def close_gas(self, device: str) -> None:
        """Needs no lease."""
        self._do(ops.on_device("flow_controllers.close", device))

    def set_light(self, device: str, channel: str, percent: float) -> None:
        """One channel of a leased light source."""
        self._do(ops.on_device("lights.set", device, channel=channel, percent=percent))

    def lights_off(self, device: str) -> None:
        """Needs no lease."""
        self._do(ops.on_device("lights.off", device))

    def move_stepper(self, device: str, position_mm: float) -> None:
        """Of a leased stepper that was homed; returns once it stands there."""
        self._do(ops.on_device("steppers.move", device, position_mm=position_mm))

    def home_stepper(self, device: str) -> None:
        """Of a leased stepper; returns once it stands at its limit switch, which is position 0."""
        self._do(ops.on_device("steppers.home", device))

    def stop_stepper(self, device: str) -> None:
        """Needs no lease. It must be homed again."""
        self._do(ops.on_device("steppers.stop", device))

    def clear_board(self, device: str) -> None:
        """Ends a fault that a leased board has latched, once its cause is gone; everything on it is off then."""
        self._do(ops.on_device("boards.clear", device))

    def run_program(self, steps: Sequence[Mapping[str, Any]]) -> ProgramRun:
        """Steps of leased devices on boards at set times, by the boards' own clocks; answered after the last one.

        A step is a mapping: `{"kind": "select", "at_s": 0.5, "device": "argon", "position": "open"}`, and likewise `pump`
        with `flow_ul_min` and `volume_ul`, `move` with `position_mm`, and `stop`. Where one cannot be done the others are
        taken back, and all of the devices are stopped."""
        operation = ops.run_program(steps)
        return read_result(operation, self._channel.request(
            operation.method, operation.params, timeout_s=ops.program_s(steps)))

    def measure(self, device: str, sample: str, *, within_s: float | None = None) -> Analysis:
        """What stands in a leased analyzer; the result is not stored. The lease lasts that long. A client's `timeout_s`
        does not count here: `within_s` does, or the bench's `result_deadline`."""
        operation = ops.measure(device, sample, within_s)
        return read_result(operation, self._channel.request(
            operation.method, operation.params, timeout_s=ops.measuring_s(within_s)))

    def withdraw(self, device: str) -> None:
        """Takes back what an analyzer was asked for, whoever asked. Needs no lease."""
        self._do(ops.on_device("analyzers.withdraw", device))

    # --- Experiments ------------------------------------------------------------------------------------------------

    def schema(self) -> RecipeSchema:
        """Machine-readable limits of recipes."""
        return self._do(ops.schema())

    def plan(self, recipe: RecipeLike) -> Plan:
        """What the daemon would do about a recipe; changes nothing."""
        return self._do(ops.plan(recipe))

    def submit(
        self, recipe: RecipeLike, *, key: str | None = None, metadata: Any = None,
        campaign: CampaignLike | None = None, priority: int | None = None, if_client_gone: str | None = None,
    ) -> Submitted:
        """Queues an experiment. The same key gives the same experiment; one is made up when none is given.
        `if_client_gone` is `finish`, `hold` or `safe`: what becomes of it when nobody looks after it any more."""
        return self._do(ops.submit(recipe, key, metadata, campaign, priority, if_client_gone))

    def get(self, experiment: ExperimentLike) -> Experiment:
        return self._do(ops.get(experiment))

    def wait(self, experiment: ExperimentLike, *, timeout_s: float | None = None) -> Experiment:
        """The experiment once it has ended, however it ended. Goes on when the daemon is restarted meanwhile.

        Raises `Timeout`, with the experiment as it is then.
        """
        deadline = Deadline(timeout_s)
        while True:
            with self._channel.waiting(deadline):
                began, slice_s = monotonic(), deadline.within(WAIT_SLICE_S)
                operation = ops.wait(experiment, slice_s)
                found = read_result(operation, self._channel.request(
                    operation.method, operation.params, timeout_s=slice_s + self._channel.settings.timeout_s,
                    deadline=deadline, has_turn=True))
            if found.ended:
                return found
            if deadline.has_passed:
                raise not_ended(found, deadline.seconds)
            if monotonic() - began < min(slice_s, EARLY_S):
                self._channel.pause(deadline.within(EARLY_S))

    def run(
        self, recipe: RecipeLike, *, key: str | None = None, metadata: Any = None,
        campaign: CampaignLike | None = None, priority: int | None = None, timeout_s: float | None = None,
    ) -> Experiment:
        """Plans, submits and waits: the experiment that is done.

        Raises `Infeasible` with every problem, `ExperimentFailed` when it ended without a result, `Timeout`.
        """
        if key is None:
            # Behind a key that was used before there is an experiment already, feasible again or not.
            require_feasible(self.plan(recipe))
        submitted = self.submit(recipe, key=key, metadata=metadata, campaign=campaign, priority=priority)
        return result_of(self.wait(submitted, timeout_s=timeout_s))

    def result(self, experiment: ExperimentLike) -> Result:
        """Features and certificate. Raises `NoResult` unless the experiment is done."""
        return self._do(ops.result(experiment))

    def experiments(
        self, *, state: str | None = None, campaign: CampaignLike | None = None, pending: bool | None = None,
        after: ExperimentLike | None = None, limit: int | None = None,
    ) -> Iterator[Summary]:
        """Experiments in the order of their submission; `pending`: only those that have not ended. `limit`: a page."""
        return self._pages(pages.experiments(state, campaign, pending, after, limit))

    def results(
        self, *, since: int = 0, campaign: CampaignLike | None = None, limit: int | None = None, follow: bool = False,
        poll_s: float = 1.0,
    ) -> Iterator[Experiment]:
        """Experiments in the order in which they ended, in whatever state; the `sequence` of the last one is the next
        `since`. One that is abandoned later comes again. `follow`: goes on for ever, with those that end from now on.
        """
        operation = pages.results(since, campaign, limit)
        while True:
            page = self._do(operation)
            yield from page.items
            if page.following is None and not follow:
                return
            if page.following is None:
                self._channel.pause(poll_s)
            operation = page.following or page.later or operation

    def spectra(self, experiment: ExperimentLike, *, device: str | None = None) -> Iterator[Spectrum]:
        """Stored spectra, of one spectrometer or of all."""
        return self._pages(pages.spectra(experiment, device))

    def cancel(self, experiment: ExperimentLike) -> ExperimentState:
        """Takes it out of the queue, or stops it."""
        return self._do(ops.cancel(experiment))

    def hold(self, experiment: ExperimentLike, *, reason: str | None = None) -> ExperimentState:
        """A queued one does not start until it is released."""
        return self._do(ops.hold(experiment, reason))

    def release(self, experiment: ExperimentLike) -> ExperimentState:
        return self._do(ops.release(experiment))

    def abandon(self, experiment: ExperimentLike, reason: str) -> ExperimentState:
        """Withdraws it, before it runs or afterwards: its result no longer counts."""
        return self._do(ops.abandon(experiment, reason))

    def attach(
        self, recipe: RecipeLike, features: Mapping[str, Feature | Mapping[str, Any]], source: str, *,
        key: str | None = None, metadata: Any = None, campaign: CampaignLike | None = None,
    ) -> ExperimentState:
        """Gives the daemon a prior or external result."""
        return self._do(ops.attach(recipe, features, source, key, metadata, campaign))

    # --- Campaigns --------------------------------------------------------------------------------------------------

    def create_campaign(self, name: str, *, key: str | None = None, metadata: Any = None) -> Campaign:
        """The same key gives the same campaign."""
        return self._do(ops.create_campaign(name, key, metadata))

    def campaign(self, campaign: CampaignLike) -> Campaign:
        return self._do(ops.campaign(campaign))

    def campaigns(self, *, after: CampaignLike | None = None, limit: int | None = None) -> Iterator[Campaign]:
        return self._pages(pages.campaigns(after, limit))

    # --- Stocks and archive -----------------------------------------------------------------------------------------

    def reagents(self) -> Reagents:
        """What is left in each syringe and in the waste."""
        return self._do(ops.reagents())

    def refill(
        self, device: str, *, volume_ul: float | None = None, batch: str | None = None, lot: str | None = None,
        components_mm: Mapping[str, float] | None = None, note: str | None = None,
    ) -> float | None:
        """Tells that a syringe was filled, to the brim without a volume. What is in it now, uL."""
        return self._do(ops.refill(device, volume_ul, batch, lot, components_mm, note))

    def empty_waste(self, *, note: str | None = None) -> float | None:
        """Tells that the waste was emptied. The room in it now, uL."""
        return self._do(ops.empty_waste(note))

    def stations(self) -> tuple[Station, ...]:
        """What stands at each station and in each gripper."""
        return self._do(ops.stations())

    def set_station(
        self, station: str, cuvettes: int, *, sample: str | None = None, note: str | None = None,
    ) -> Station:
        """Tells what stands there, after somebody has looked or changed it by hand."""
        return self._do(ops.set_station(station, cuvettes, sample, note))

    def dump_recorder(self, *, reason: str | None = None) -> str:
        """Keeps the last ten minutes of what went over the links; the recording's name, in `recorder().kept` a moment later."""
        return self._do(ops.dump_recorder(reason))

    def recorder(self) -> Recorder:
        """The flight recorder, and what was kept of it."""
        return self._do(ops.recorder())

    def references(self) -> tuple[Reference, ...]:
        """Dark and reference spectra, and whether they may still be used."""
        return self._do(ops.references())

    def export(self, table: str, *, campaign: CampaignLike | None = None) -> Iterator[dict[str, str]]:
        """Rows of `experiments`, `transitions`, `reagents`, `events` or `audit`, by column."""
        for page in self._pages(pages.export(table, campaign)):
            yield from pages.csv_rows(page)

    def export_csv(self, table: str, *, campaign: CampaignLike | None = None) -> str:
        """All pages of a table as one CSV text."""
        return join_csv(self._pages(pages.export(table, campaign)))
