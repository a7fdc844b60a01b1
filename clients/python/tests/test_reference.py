"""The package against docs/api-reference.md: every method with every param, every member of every record."""

from __future__ import annotations

import dataclasses
import re
import unittest
from collections.abc import Callable
from typing import Any

import flowlab
from flowlab._operations import KEYED, is_repeatable
from flowlab._recipes import recipe_from_json

from .both import BothCase
from .support import HELLO, RECIPE, ROOT, Connection, Peer

REFERENCE = (ROOT / "docs" / "api-reference.md").read_text()
FEATURES = {"pl_peak": flowlab.Feature(1.0, 0.1, 3, "counts", {})}

CALLS: dict[str, Callable[[Any], Any]] = {
    "system.hello": lambda client: client.hello(),
    "system.status": lambda client: client.status(),
    "system.info": lambda client: client.info(),
    "devices.list": lambda client: client.devices(),
    "devices.get": lambda client: client.device("cui"),
    "signals.list": lambda client: client.signals(),
    "signals.read": lambda client: client.read("heater.*"),
    "signals.history": lambda client: list(client.history("heater.temperature", start="a", end="b", limit=3)),
    "events.subscribe": lambda client: client.events("alarms", after=("stream", 4)),
    "experiments.plan": lambda client: client.plan(RECIPE),
    "experiments.submit": lambda client: client.submit(RECIPE, key="k", metadata=1, campaign="c-000001", priority=2, if_client_gone="hold"),
    "experiments.get": lambda client: client.get("e-000001"),
    "experiments.list": lambda client: list(
        client.experiments(state="done", campaign="c-000001", pending=True, after="e-000001", limit=2)),
    "experiments.results": lambda client: list(client.results(since=1, campaign="c-000001", limit=2)),
    "experiments.wait": lambda client: client.wait("e-000001", timeout_s=5),
    "experiments.cancel": lambda client: client.cancel("e-000001"),
    "experiments.hold": lambda client: client.hold("e-000001", reason="why"),
    "experiments.release": lambda client: client.release("e-000001"),
    "experiments.abandon": lambda client: client.abandon("e-000001", "why"),
    "experiments.attach": lambda client: client.attach(
        RECIPE, FEATURES, "a paper", key="k", metadata=1, campaign="c-000001"),
    "experiments.result": lambda client: client.result("e-000001"),
    "experiments.spectra": lambda client: list(client.spectra("e-000001", device="spec_pl")),
    "campaigns.create": lambda client: client.create_campaign("name", key="k", metadata=1),
    "campaigns.get": lambda client: client.campaign("c-000001"),
    "campaigns.list": lambda client: list(client.campaigns(after="c-000001", limit=2)),
    "recipes.schema": lambda client: client.schema(),
    "reagents.list": lambda client: client.reagents(),
    "reagents.refill": lambda client: client.refill(
        "cui", volume_ul=1, batch="b", lot="l", components_mm={"cu": 7.5}, note="n"),
    "reagents.empty_waste": lambda client: client.empty_waste(note="n"),
    "references.list": lambda client: client.references(),
    "stations.list": lambda client: client.stations(),
    "stations.set": lambda client: client.set_station("rack", 3, sample="e-000001", note="n"),
    "system.reload": lambda client: client.reload(),
    "recorder.dump": lambda client: client.dump_recorder(reason="why"),
    "recorder.list": lambda client: client.recorder(),
    "archive.export": lambda client: list(client.export("experiments", campaign="c-000001")),
    "interlocks.list": lambda client: client.interlocks(),
    "interlocks.reset": lambda client: client.reset_interlock("safe-state"),
    "interlocks.bypass": lambda client: client.bypass_interlock(
        "plate-not-warming", person="Ada", reason="a new cartridge", duration_s=60),
    "interlocks.restore": lambda client: client.restore_interlock("plate-not-warming"),
    "interlocks.prove": lambda client: client.prove_interlock("plate-over-temperature", person="Ada"),
    "alarms.list": lambda client: client.alarms(),
    "alarms.history": lambda client: list(client.alarm_history(before=9, limit=2)),
    "alarms.acknowledge": lambda client: client.acknowledge_alarm("archive"),
    "alarms.shelve": lambda client: client.shelve_alarm("archive", person="Ada", reason="a new disk", duration_s=60),
    "alarms.unshelve": lambda client: client.unshelve_alarm("archive"),
    "audit.list": lambda client: list(client.audit(method="interlocks.reset", uid=7, before=9, limit=2)),
    "lease.acquire": lambda client: client.acquire_lease("cui", person="Ada", reason="a new line", duration_s=30),
    "lease.renew": lambda client: client.renew_lease("l-000001", duration_s=30),
    "lease.release": lambda client: client.release_lease("l-000001"),
    "lease.list": lambda client: client.leases(),
    "maintenance.enter": lambda client: client.enter_maintenance(person="Ada", reason="a new line", duration_s=60, take_over=True),
    "maintenance.exit": lambda client: client.exit_maintenance(),
    "pumps.start": lambda client: client.start_pump("cui", flow_ul_min=100, volume_ul=50),
    "pumps.prime": lambda client: client.prime_pump("cui", flow_ul_min=100, volume_ul=50),
    "pumps.refill": lambda client: client.refill_pump("cui", flow_ul_min=100, volume_ul=50),
    "pumps.stop": lambda client: client.stop_pump("cui"),
    "pumps.purge": lambda client: client.purge(),
    "pumps.calibrate": lambda client: client.calibrate_pump("cui", displaced_ul=100, measured_ul=99, person="Ada"),
    "heaters.set": lambda client: client.heat("heater", 60),
    "heaters.off": lambda client: client.heater_off("heater"),
    "spectrometers.lamp": lambda client: client.lamp("spec_abs", True),
    "spectrometers.acquire": lambda client: client.acquire("spec_pl", integration_s=0.015, frames=3),
    "valves.select": lambda client: client.select_valve("feed_valve", "loop"),
    "robots.transfer": lambda client: client.transfer("arm", from_station="rack", to_station="filler"),
    "robots.park": lambda client: client.park_robot("arm"),
    "robots.halt": lambda client: client.halt_robot("arm"),
    "robots.control": lambda client: client.control_robot("arm_panel", "play"),
    "flow_controllers.set": lambda client: client.set_gas("gas", 50),
    "flow_controllers.close": lambda client: client.close_gas("gas"),
    "lights.set": lambda client: client.set_light("led", "uv", 20),
    "lights.off": lambda client: client.lights_off("led"),
    "steppers.move": lambda client: client.move_stepper("stage", 12.5),
    "steppers.home": lambda client: client.home_stepper("stage"),
    "steppers.stop": lambda client: client.stop_stepper("stage"),
    "boards.clear": lambda client: client.clear_board("uno"),
    "boards.run": lambda client: client.run_program([{"kind": "stop", "at_s": 0, "device": "feed"}]),
    "analyzers.measure": lambda client: client.measure("cd", "blank-1", within_s=60),
    "analyzers.withdraw": lambda client: client.withdraw("cd"),
    "safe_state.trigger": lambda client: client.trigger_safe_state("why"),
    "rpc.discover": lambda client: client.discover(),
}

RECORDS: dict[str, tuple[type, str]] = {
    "system.hello": (flowlab.Hello, ""), "system.status": (flowlab.Status, ""), "system.info": (flowlab.Info, ""),
    "devices.get": (flowlab.DeviceDetail, ""), "signals.list": (flowlab.Signal, "signals[]."),
    "signals.history": (flowlab.Point, "points[]."), "experiments.submit": (flowlab.Submitted, ""),
    "experiments.list": (flowlab.Summary, "experiments[]."), "experiments.cancel": (flowlab.ExperimentState, ""),
    "experiments.result": (flowlab.Result, ""), "experiments.spectra": (flowlab.Spectrum, "spectra[]."),
    "recipes.schema": (flowlab.Parameter, "kinds.NAME.parameters[]."),
    "reagents.list": (flowlab.Reagent, "reagents[]."), "references.list": (flowlab.Reference, "references[]."),
    "Station": (flowlab.Station, ""),
    "recorder.list": (flowlab.Recorder, ""),
    "interlocks.list": (flowlab.Interlock, "interlocks[]."),
    "alarms.list": (flowlab.Alarm, "alarms[]."), "audit.list": (flowlab.Audited, "records[]."), "Campaign": (flowlab.Campaign, ""),
    "Certificate": (flowlab.Certificate, ""), "Conditions": (flowlab.Measured, ""), "Device": (flowlab.Device, ""),
    "Experiment": (flowlab.Experiment, ""), "ExperimentError": (flowlab.ExperimentError, ""),
    "Lease": (flowlab.Lease, ""), "Maintenance": (flowlab.Maintenance, ""), "PumpStart": (flowlab.PumpStart, ""),
    "analyzers.measure": (flowlab.Analysis, ""), "boards.run": (flowlab.ProgramRun, ""), "spectrometers.acquire": (flowlab.Look, ""), "Feature": (flowlab.Feature, ""), "Latch": (flowlab.Latch, ""), "Plan": (flowlab.Plan, ""),
    "Problem": (flowlab.Problem, ""), "Reading": (flowlab.Reading, ""), "Transition": (flowlab.Transition, "")}

RENAMED = {
    (flowlab.Campaign, "campaign"): "id", (flowlab.Device, "class"): "device_class", (flowlab.Device, "device"): "name",
    (flowlab.Alarm, "alarm"): "name", (flowlab.Interlock, "interlock"): "name", (flowlab.Signal, "signal"): "name"}


def section(heading: str) -> str:
    """What stands below a heading, up to the next one."""
    found = re.search(rf"(?ms)^### {re.escape(heading)}\n(.*?)(?=^##|\Z)", REFERENCE)
    if found is None:
        raise AssertionError(f"the reference has no {heading}")
    return found.group(1)


def members(text: str) -> list[str]:
    """The first column of its tables."""
    return re.findall(r"(?m)^\| `([^`]+)` \|", text)


def params(method: str) -> set[str]:
    return {name for name in members(section(method).partition("\nResult:")[0]) if "." not in name}


def refuse(connection: Connection, request: dict[str, Any]) -> None:
    if request["method"] == "system.hello":
        return connection.answer(request, HELLO)
    connection.refuse(request, "internal_error")


class MethodScenarios(BothCase):
    def test_what_may_be_asked_again_is_what_the_reference_says(self) -> None:
        told = dict(re.findall(r"(?m)^### ([a-z_]+\.[a-z_]+)$\n\n.* Again: (.*)\.$", REFERENCE))
        self.assertGreater(len(told), 50)
        for method, again in told.items():
            with self.subTest(method):
                self.assertEqual(again == "always", is_repeatable(method, {}))
                self.assertEqual(again == "with the same `key`", method in KEYED)

    def test_every_method_is_asked_with_every_param(self) -> None:
        methods = re.findall(r"(?m)^### ([a-z_]+\.[a-z_]+)$", REFERENCE)
        self.assertEqual(sorted(CALLS), sorted(methods))
        peer = Peer(refuse, greets=False)
        self.addCleanup(peer.close)
        client = self.made_client(peer.path, name="tests")
        for method, call in CALLS.items():
            with self.subTest(method):
                try:
                    call(client)
                except flowlab.DaemonError as refused:
                    self.assertEqual(refused.kind, "internal_error")
                request = peer.requests[-1]
                self.assertEqual((request["method"], set(request["params"])), (method, params(method)))


class MethodThreads(MethodScenarios):
    kind = "threads"


class MethodAsyncio(MethodScenarios):
    kind = "asyncio"


del MethodScenarios, BothCase


class RecordTests(unittest.TestCase):
    def test_every_member_of_a_result_has_a_field(self) -> None:
        for heading, (record, prefix) in RECORDS.items():
            _, _, result = section(heading).rpartition("\nResult:")
            told = {name.removeprefix(prefix) for name in members(result) if name.startswith(prefix)}
            told = {name for name in told if not re.search(r"[.\[]", name)}
            self.assertTrue(told, heading)
            fields = {field.name for field in dataclasses.fields(record)}
            for name in told:
                with self.subTest(record=record.__name__, member=name):
                    wanted = {RENAMED.get((record, name), name)}
                    if name == "experiment":
                        wanted = {"id"}
                    self.assertLessEqual(wanted, fields)

    def test_every_shape_of_the_reference_is_looked_at(self) -> None:
        shapes = re.findall(r"(?m)^### ([A-Z]\w+)$", REFERENCE)
        self.assertEqual(set(shapes) - set(RECORDS), {"Recipe", "State", "TimedStep"})

    def test_recipes_have_the_members_of_their_kind(self) -> None:
        kinds = {
            "box": flowlab.Box({}, ramp_k_min=1, valves={"feed_valve": "loop"}, sample="spectrometer"),
            "flows": flowlab.Flows(140, {}, ramp_k_min=1, valves={"feed_valve": "loop"}, sample="spectrometer"),
            "references": flowlab.References()}
        found = re.findall(r"(?ms)^Kind `(\w+)`:\n(.*?)(?=^Kind|\Z)", section("Recipe"))
        self.assertEqual({kind for kind, _ in found}, set(kinds))
        for kind, text in found:
            top = {name for name in members(text) if "." not in name}
            self.assertEqual(top, set(kinds[kind].to_json()), kind)
        for recipe in kinds.values():
            self.assertEqual(recipe_from_json(recipe.to_json()), recipe)

    def test_the_final_states_are_those_of_the_reference(self) -> None:
        told, _, _ = section("State").partition(" are final")
        self.assertEqual(flowlab.FINAL_STATES, set(re.findall(r"\w+", told.rpartition(".")[2])) - {"and"})


if __name__ == "__main__":
    unittest.main()
