"""The client for asyncio."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from time import monotonic
from types import TracebackType
from typing import Any, TypeVar

from . import _operations as ops
from . import _pages as pages
from ._async_channel import AsyncChannel
from ._async_subscription import AsyncEvents
from ._bench import Alarm, Audited, Device, DeviceDetail, Hello, Info, Interlock, Reading, Reloaded, Signal, Status
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

Value = TypeVar("Value")


class AsyncClient:
    """A client of flowlabd for asyncio, with the methods of `Client`; tasks of one event loop may share it.

        async with flowlab.AsyncClient() as client:
            experiments = await asyncio.gather(*(client.run(recipe) for recipe in recipes))

    When a task is cancelled, what it asked for may still happen; experiments go on.
    """

    def __init__(
        self, socket: str | os.PathLike[str] | None = None, *, name: str | None = None, timeout_s: float = 60.0,
        reconnect_s: float = 30.0, connect_s: float = 0.0,
    ) -> None:
        """As `Client`; `async with`, `connect` or the first request connects."""
        self._channel = AsyncChannel(Settings.make(socket, name, timeout_s, reconnect_s, connect_s))

    async def connect(self) -> Hello:
        """Raises `ConnectionLost` when there is no daemon."""
        return await self._channel.connect()

    @property
    def path(self) -> str:
        return self._channel.settings.path

    @property
    def greeting(self) -> Hello | None:
        """Bench, role and versions, as told at the last connection; None before the first."""
        return self._channel.hello

    def close(self) -> None:
        """Whoever waits gets `Closed`. Experiments go on without their client."""
        self._channel.close()

    async def __aenter__(self) -> AsyncClient:
        await self._channel.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.close()
        await asyncio.sleep(0)  # the event loop closes the connection at its next turn

    # --- Anything ---------------------------------------------------------------------------------------------------

    async def call(self, method: str, /, **params: Any) -> Any:
        """Any method of the API: the result as it came."""
        refuse_subscribe(method)
        return await self._channel.request(method, ops.with_key(method, params))

    async def _do(self, operation: Operation[Value]) -> Value:
        return read_result(operation, await self._channel.request(operation.method, operation.params))

    async def _pages(self, operation: Operation[Page[Value]] | None) -> AsyncIterator[Value]:
        while operation is not None:
            page = await self._do(operation)
            for item in page.items:
                yield item
            operation = page.following

    # --- The bench --------------------------------------------------------------------------------------------------

    async def hello(self) -> Hello:
        return await self._do(ops.hello(self._channel.settings.name))

    async def status(self) -> Status:
        """What runs, what waits and why, what is latched, how the devices are."""
        return await self._do(ops.status())

    async def info(self) -> Info:
        return await self._do(ops.info())

    async def reload(self) -> Reloaded:
        """Has the bench file read anew: roles and the program that alarms call hold at once, all else after a restart."""
        return await self._do(ops.reload())

    async def discover(self) -> dict[str, Any]:
        """The OpenRPC document of the daemon."""
        return await self._do(ops.discover())

    async def devices(self) -> tuple[Device, ...]:
        return await self._do(ops.devices())

    async def device(self, name: str) -> DeviceDetail:
        return await self._do(ops.device(name))

    async def signals(self) -> tuple[Signal, ...]:
        return await self._do(ops.signals())

    async def read(self, *names: str) -> dict[str, Reading]:
        """Last readings by signal; `*` and `?` in names stand for any characters and for one."""
        return await self._do(ops.read(names))

    def history(
        self, signal: str, *, start: str | None = None, end: str | None = None, limit: int | None = None,
    ) -> AsyncIterator[Point]:
        """Points of a signal between two times (RFC 3339), oldest first. `limit` is of points a page."""
        return self._pages(pages.history(signal, start, end, limit))

    async def interlocks(self) -> tuple[Interlock, ...]:
        return await self._do(ops.interlocks())

    async def reset_interlock(self, name: str) -> None:
        """Takes a latch away; refused while its cause is there (`ResetRefused`)."""
        await self._do(ops.reset_interlock(name))

    async def bypass_interlock(self, name: str, *, person: str, reason: str, duration_s: float) -> str:
        """Takes an interlock out of service for a while, where the bench file permits it; when it ends by itself."""
        return await self._do(ops.bypass_interlock(name, person, reason, duration_s))

    async def restore_interlock(self, name: str) -> None:
        """Ends a bypass before its time."""
        await self._do(ops.restore_interlock(name))

    async def prove_interlock(self, name: str, *, person: str) -> Mapping[str, Any]:
        """Proof test: shows an interlock its cause, so that it trips. What was injected, with the effects and the time."""
        return await self._do(ops.prove_interlock(name, person))

    async def alarms(self) -> tuple[Alarm, ...]:
        """What a person should know of, critical ones first."""
        return await self._do(ops.alarms())

    async def acknowledge_alarm(self, name: str) -> None:
        """Says that somebody knows of it."""
        await self._do(ops.acknowledge_alarm(name))

    async def shelve_alarm(self, name: str, *, person: str, reason: str, duration_s: float) -> str:
        """Puts an alarm away for a while; when it calls again by itself."""
        return await self._do(ops.shelve_alarm(name, person, reason, duration_s))

    async def unshelve_alarm(self, name: str) -> None:
        """Takes it off its shelf before its time."""
        await self._do(ops.unshelve_alarm(name))

    def alarm_history(self, *, before: int | None = None, limit: int | None = None) -> AsyncIterator[Alarm]:
        """Alarms of all times, the last first."""
        return self._pages(pages.alarm_history(before, limit))

    def audit(
        self, *, method: str | None = None, uid: int | None = None, before: int | None = None, limit: int | None = None,
    ) -> AsyncIterator[Audited]:
        """Who changed what, the last first."""
        return self._pages(pages.audit(method, uid, before, limit))

    async def trigger_safe_state(self, reason: str | None = None) -> tuple[str, ...]:
        """Brings everything to its safe state, whoever asks. The interlocks that are latched now."""
        return await self._do(ops.trigger_safe_state(reason))

    def events(self, *topics: str, after: Position | Event | tuple[str, int] | None = None) -> AsyncEvents:
        """What happens from now on, or after an event that was seen: `experiments`, `alarms`, `interlocks`, `devices`,
        `maintenance`, `signals:PATTERN`. Its items are `Event`, `Gap` and `StreamChanged`."""
        return AsyncEvents(self._channel, topics, position_of(after))

    # --- By hand ----------------------------------------------------------------------------------------------------

    async def acquire_lease(
        self, *devices: str, person: str, reason: str, duration_s: float | None = None,
    ) -> Lease:
        """Claims devices for this connection; renew it in time. The queue waits. A lost connection ends it."""
        return await self._do(ops.acquire_lease(devices, person, reason, duration_s))

    async def renew_lease(self, lease: LeaseLike, *, duration_s: float | None = None) -> Lease:
        return await self._do(ops.renew_lease(lease, duration_s))

    async def release_lease(self, lease: LeaseLike) -> None:
        """What was moved under it is stopped."""
        await self._do(ops.release_lease(lease))

    async def leases(self) -> tuple[Lease, ...]:
        """Who has which devices in hand."""
        return await self._do(ops.leases())

    async def enter_maintenance(
        self, *, person: str, reason: str, duration_s: float, take_over: bool | None = None,
    ) -> Maintenance:
        """Pauses the queue: what runs is finished, then nothing starts until `exit_maintenance`. `take_over` takes the
        bench also from another person."""
        return await self._do(ops.enter_maintenance(person, reason, duration_s, take_over))

    async def exit_maintenance(self) -> Maintenance:
        """The queue goes on: plate and pumps may start at once."""
        return await self._do(ops.exit_maintenance())

    async def start_pump(self, device: str, *, flow_ul_min: float, volume_ul: float) -> PumpStart:
        """Runs a leased pump for a volume, which it ends by itself; returns once it runs."""
        return await self._do(ops.move_pump("pumps.start", device, flow_ul_min, volume_ul))

    async def prime_pump(
        self, device: str, *, flow_ul_min: float | None = None, volume_ul: float | None = None,
    ) -> PumpStart:
        """The same, as the bench file says where nothing is given."""
        return await self._do(ops.move_pump("pumps.prime", device, flow_ul_min, volume_ul))

    async def refill_pump(
        self, device: str, *, flow_ul_min: float | None = None, volume_ul: float | None = None,
    ) -> PumpStart:
        """Draws in what its line dips into; say afterwards what the syringe holds: `refill`."""
        return await self._do(ops.move_pump("pumps.refill", device, flow_ul_min, volume_ul))

    async def stop_pump(self, device: str) -> None:
        """Needs no lease; an experiment that uses the pump fails."""
        await self._do(ops.on_device("pumps.stop", device))

    async def purge(self) -> tuple[PumpStart, ...]:
        """Flushes the line now; all its pumps must be leased."""
        return await self._do(ops.purge())

    async def calibrate_pump(
        self, device: str, *, displaced_ul: float, measured_ul: float, person: str,
    ) -> Mapping[str, float]:
        """Keeps what was measured: `ratio`, and the `diameter_factor` that would make it right. Moves nothing."""
        return await self._do(ops.calibrate_pump(device, displaced_ul, measured_ul, person))

    async def heat(self, device: str, temperature_c: float) -> None:
        """Holds a leased heater at a temperature; off when the lease ends."""
        await self._do(ops.on_device("heaters.set", device, temperature_c=temperature_c))

    async def heater_off(self, device: str) -> None:
        """Needs no lease; an experiment that uses the heater fails."""
        await self._do(ops.on_device("heaters.off", device))

    async def lamp(self, device: str, on: bool) -> None:
        """On needs a lease."""
        await self._do(ops.on_device("spectrometers.lamp", device, on=on))

    async def acquire(self, device: str, *, integration_s: float, frames: int | None = None) -> Look:
        """A spectrum by hand, with a leased spectrometer; it is not stored."""
        return await self._do(ops.acquire(device, integration_s, frames))

    async def select_valve(self, device: str, position: str) -> None:
        """Answered once the leased valve shows the position."""
        await self._do(ops.on_device("valves.select", device, position=position))

    async def transfer(self, robot: str, *, from_station: str, to_station: str) -> None:
        """The leased robot fetches, sets down, and goes out of the way."""
        await self._do(ops.on_device("robots.transfer", robot, **{"from": from_station, "to": to_station}))

    async def park_robot(self, device: str) -> None:
        """Out of everybody's way; what it holds it keeps."""
        await self._do(ops.on_device("robots.park", device))

    async def halt_robot(self, device: str) -> None:
        """Needs no lease; an experiment that uses the robot fails."""
        await self._do(ops.on_device("robots.halt", device))

    async def control_robot(self, device: str, action: str) -> None:
        """Of a leased controller: `power-on`, `power-off`, `release-brakes`, `play`, `unlock`."""
        await self._do(ops.on_device("robots.control", device, action=action))

    async def set_gas(self, device: str, flow_ml_min_std: float) -> None:
        """A leased flow controller holds this flow."""
        await self._do(ops.on_device("flow_controllers.set", device, flow_ml_min_std=flow_ml_min_std))

    async def close_gas(self, device: str) -> None:
        """Needs no lease."""
        await self._do(ops.on_device("flow_controllers.close", device))

    async def set_light(self, device: str, channel: str, percent: float) -> None:
        """One channel of a leased light source."""
        await self._do(ops.on_device("lights.set", device, channel=channel, percent=percent))

    async def lights_off(self, device: str) -> None:
        """Needs no lease."""
        await self._do(ops.on_device("lights.off", device))

    async def move_stepper(self, device: str, position_mm: float) -> None:
        """Of a leased stepper that was homed; returns once it stands there."""
        await self._do(ops.on_device("steppers.move", device, position_mm=position_mm))

    async def home_stepper(self, device: str) -> None:
        """Of a leased stepper; returns once it stands at its limit switch, which is position 0."""
        await self._do(ops.on_device("steppers.home", device))

    async def stop_stepper(self, device: str) -> None:
        """Needs no lease. It must be homed again."""
        await self._do(ops.on_device("steppers.stop", device))

    async def clear_board(self, device: str) -> None:
        """Ends a fault that a leased board has latched, once its cause is gone; everything on it is off then."""
        await self._do(ops.on_device("boards.clear", device))

    async def run_program(self, steps: Sequence[Mapping[str, Any]]) -> ProgramRun:
        """Steps of leased devices on boards at set times, by the boards' own clocks; answered after the last one.

        A step is a mapping: `{"kind": "select", "at_s": 0.5, "device": "argon", "position": "open"}`, and likewise `pump`
        with `flow_ul_min` and `volume_ul`, `move` with `position_mm`, and `stop`. Where one cannot be done the others are
        taken back, and all of the devices are stopped."""
        operation = ops.run_program(steps)
        return read_result(operation, await self._channel.request(
            operation.method, operation.params, timeout_s=ops.program_s(steps)))

    async def measure(self, device: str, sample: str, *, within_s: float | None = None) -> Analysis:
        """What stands in a leased analyzer; the result is not stored. The lease lasts that long. A client's `timeout_s`
        does not count here: `within_s` does, or the bench's `result_deadline`."""
        operation = ops.measure(device, sample, within_s)
        return read_result(operation, await self._channel.request(
            operation.method, operation.params, timeout_s=ops.measuring_s(within_s)))

    async def withdraw(self, device: str) -> None:
        """Takes back what an analyzer was asked for, whoever asked. Needs no lease."""
        await self._do(ops.on_device("analyzers.withdraw", device))

    # --- Experiments ------------------------------------------------------------------------------------------------

    async def schema(self) -> RecipeSchema:
        """Machine-readable limits of recipes."""
        return await self._do(ops.schema())

    async def plan(self, recipe: RecipeLike) -> Plan:
        """What the daemon would do about a recipe; changes nothing."""
        return await self._do(ops.plan(recipe))

    async def submit(
        self, recipe: RecipeLike, *, key: str | None = None, metadata: Any = None,
        campaign: CampaignLike | None = None, priority: int | None = None, if_client_gone: str | None = None,
    ) -> Submitted:
        """Queues an experiment. The same key gives the same experiment; one is made up when none is given.
        `if_client_gone` is `finish`, `hold` or `safe`: what becomes of it when nobody looks after it any more."""
        return await self._do(ops.submit(recipe, key, metadata, campaign, priority, if_client_gone))

    async def get(self, experiment: ExperimentLike) -> Experiment:
        return await self._do(ops.get(experiment))

    async def wait(self, experiment: ExperimentLike, *, timeout_s: float | None = None) -> Experiment:
        """The experiment once it has ended, however it ended. Goes on when the daemon is restarted meanwhile.

        Raises `Timeout`, with the experiment as it is then.
        """
        deadline = Deadline(timeout_s)
        while True:
            async with self._channel.waiting(deadline):
                began, slice_s = monotonic(), deadline.within(WAIT_SLICE_S)
                operation = ops.wait(experiment, slice_s)
                found = read_result(operation, await self._channel.request(
                    operation.method, operation.params, timeout_s=slice_s + self._channel.settings.timeout_s,
                    deadline=deadline, has_turn=True))
            if found.ended:
                return found
            if deadline.has_passed:
                raise not_ended(found, deadline.seconds)
            if monotonic() - began < min(slice_s, EARLY_S):
                await self._channel.pause(deadline.within(EARLY_S))

    async def run(
        self, recipe: RecipeLike, *, key: str | None = None, metadata: Any = None,
        campaign: CampaignLike | None = None, priority: int | None = None, timeout_s: float | None = None,
    ) -> Experiment:
        """Plans, submits and waits: the experiment that is done.

        Raises `Infeasible` with every problem, `ExperimentFailed` when it ended without a result, `Timeout`.
        """
        if key is None:
            # Behind a key that was used before there is an experiment already, feasible again or not.
            require_feasible(await self.plan(recipe))
        submitted = await self.submit(recipe, key=key, metadata=metadata, campaign=campaign, priority=priority)
        return result_of(await self.wait(submitted, timeout_s=timeout_s))

    async def result(self, experiment: ExperimentLike) -> Result:
        """Features and certificate. Raises `NoResult` unless the experiment is done."""
        return await self._do(ops.result(experiment))

    def experiments(
        self, *, state: str | None = None, campaign: CampaignLike | None = None, pending: bool | None = None,
        after: ExperimentLike | None = None, limit: int | None = None,
    ) -> AsyncIterator[Summary]:
        """Experiments in the order of their submission; `pending`: only those that have not ended. `limit`: a page."""
        return self._pages(pages.experiments(state, campaign, pending, after, limit))

    async def results(
        self, *, since: int = 0, campaign: CampaignLike | None = None, limit: int | None = None, follow: bool = False,
        poll_s: float = 1.0,
    ) -> AsyncIterator[Experiment]:
        """Experiments in the order in which they ended, in whatever state; the `sequence` of the last one is the next
        `since`. One that is abandoned later comes again. `follow`: goes on for ever, with those that end from now on.
        """
        operation = pages.results(since, campaign, limit)
        while True:
            page = await self._do(operation)
            for item in page.items:
                yield item
            if page.following is None and not follow:
                return
            if page.following is None:
                await self._channel.pause(poll_s)
            operation = page.following or page.later or operation

    def spectra(self, experiment: ExperimentLike, *, device: str | None = None) -> AsyncIterator[Spectrum]:
        """Stored spectra, of one spectrometer or of all."""
        return self._pages(pages.spectra(experiment, device))

    async def cancel(self, experiment: ExperimentLike) -> ExperimentState:
        """Takes it out of the queue, or stops it."""
        return await self._do(ops.cancel(experiment))

    async def hold(self, experiment: ExperimentLike, *, reason: str | None = None) -> ExperimentState:
        """A queued one does not start until it is released."""
        return await self._do(ops.hold(experiment, reason))

    async def release(self, experiment: ExperimentLike) -> ExperimentState:
        return await self._do(ops.release(experiment))

    async def abandon(self, experiment: ExperimentLike, reason: str) -> ExperimentState:
        """Withdraws it, before it runs or afterwards: its result no longer counts."""
        return await self._do(ops.abandon(experiment, reason))

    async def attach(
        self, recipe: RecipeLike, features: Mapping[str, Feature | Mapping[str, Any]], source: str, *,
        key: str | None = None, metadata: Any = None, campaign: CampaignLike | None = None,
    ) -> ExperimentState:
        """Gives the daemon a prior or external result."""
        return await self._do(ops.attach(recipe, features, source, key, metadata, campaign))

    # --- Campaigns --------------------------------------------------------------------------------------------------

    async def create_campaign(self, name: str, *, key: str | None = None, metadata: Any = None) -> Campaign:
        """The same key gives the same campaign."""
        return await self._do(ops.create_campaign(name, key, metadata))

    async def campaign(self, campaign: CampaignLike) -> Campaign:
        return await self._do(ops.campaign(campaign))

    def campaigns(self, *, after: CampaignLike | None = None, limit: int | None = None) -> AsyncIterator[Campaign]:
        return self._pages(pages.campaigns(after, limit))

    # --- Stocks and archive -----------------------------------------------------------------------------------------

    async def reagents(self) -> Reagents:
        """What is left in each syringe and in the waste."""
        return await self._do(ops.reagents())

    async def refill(
        self, device: str, *, volume_ul: float | None = None, batch: str | None = None, lot: str | None = None,
        components_mm: Mapping[str, float] | None = None, note: str | None = None,
    ) -> float | None:
        """Tells that a syringe was filled, to the brim without a volume. What is in it now, uL."""
        return await self._do(ops.refill(device, volume_ul, batch, lot, components_mm, note))

    async def empty_waste(self, *, note: str | None = None) -> float | None:
        """Tells that the waste was emptied. The room in it now, uL."""
        return await self._do(ops.empty_waste(note))

    async def stations(self) -> tuple[Station, ...]:
        """What stands at each station and in each gripper."""
        return await self._do(ops.stations())

    async def set_station(
        self, station: str, cuvettes: int, *, sample: str | None = None, note: str | None = None,
    ) -> Station:
        """Tells what stands there, after somebody has looked or changed it by hand."""
        return await self._do(ops.set_station(station, cuvettes, sample, note))

    async def dump_recorder(self, *, reason: str | None = None) -> str:
        """Keeps the last ten minutes of what went over the links; the recording's name, in `recorder().kept` a moment later."""
        return await self._do(ops.dump_recorder(reason))

    async def recorder(self) -> Recorder:
        """The flight recorder, and what was kept of it."""
        return await self._do(ops.recorder())

    async def references(self) -> tuple[Reference, ...]:
        """Dark and reference spectra, and whether they may still be used."""
        return await self._do(ops.references())

    async def export(self, table: str, *, campaign: CampaignLike | None = None) -> AsyncIterator[dict[str, str]]:
        """Rows of `experiments`, `transitions`, `reagents`, `events` or `audit`, by column."""
        async for page in self._pages(pages.export(table, campaign)):
            for row in pages.csv_rows(page):
                yield row

    async def export_csv(self, table: str, *, campaign: CampaignLike | None = None) -> str:
        """All pages of a table as one CSV text."""
        return join_csv([page async for page in self._pages(pages.export(table, campaign))])
