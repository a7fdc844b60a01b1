"""Records, recipes, errors and what an optimizer keeps, without a daemon."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
import random
import struct
import sys
import tempfile
import unittest
from base64 import b64encode
from pathlib import Path
from typing import Any
from unittest import mock

import flowlab
from flowlab import _errors, _operations, _pages, _records, _retry
from flowlab._json import Malformed

from .support import RECIPE, record, run_seed

FEATURES = {"pl_peak": {"mean": 37676.5, "sem": 77.0, "n": 21, "unit": "counts"}}


class RecipeTests(unittest.TestCase):
    def test_recipes_are_the_json_of_the_api(self) -> None:
        self.assertEqual(
            flowlab.Flows(140, {"cui": 80}, ramp_k_min=5).to_json(),
            {"kind": "flows", "temperature_c": 140.0, "flows_ul_min": {"cui": 80.0}, "ramp_k_min": 5.0})
        self.assertEqual(flowlab.Box({"cui": 0.5}).to_json(), {"kind": "box", "x": {"cui": 0.5}})
        self.assertEqual(flowlab.References().to_json(), {"kind": "references"})

    def test_recipes_come_back_as_they_went(self) -> None:
        for recipe in (RECIPE, flowlab.Box({"cui": 0.5, "oam_cui": 0.0}, ramp_k_min=2), flowlab.References()):
            came = flowlab.Experiment.from_json({**record(1, "queued"), "recipe": recipe.to_json()}).recipe
            self.assertEqual(came, recipe)

    def test_a_kind_that_is_not_known_is_kept_whole(self) -> None:
        told = {"kind": "ramp", "steps": [1, 2]}
        came = flowlab.Experiment.from_json({**record(1, "queued"), "recipe": told}).recipe
        self.assertIsInstance(came, flowlab.OtherRecipe)
        self.assertEqual(_operations.plan(came).params["recipe"], told)

    def test_a_vector_must_fit_its_names(self) -> None:
        self.assertEqual(flowlab.Box.of(["a", "b"], [0.1, 0.2]).x, {"a": 0.1, "b": 0.2})
        with self.assertRaises(ValueError):
            flowlab.Box.of(["a", "b"], [0.1])


class ExperimentTests(unittest.TestCase):
    def test_members_that_are_not_known_are_kept_in_raw(self) -> None:
        told = record(1, "done", features=FEATURES, invention={"a": 1})
        experiment = flowlab.Experiment.from_json(told)
        self.assertEqual(experiment.raw["invention"], {"a": 1})
        self.assertEqual((experiment.mean("pl_peak"), experiment.sem("pl_peak")), (37676.5, 77.0))
        self.assertEqual((experiment.priority, experiment.origin, experiment.sequence), (0, "bench", None))

    def test_without_a_result_there_is_none_and_never_a_number(self) -> None:
        for state in ("queued", "referencing", "measuring", "failed", "cancelled", "interrupted", "abandoned", "new"):
            with self.subTest(state):
                experiment = flowlab.Experiment.from_json(record(1, state, features=FEATURES))
                self.assertIsNone(experiment.features)
                self.assertIsNone(experiment.mean("pl_peak"))
                self.assertIsNone(experiment.sem("pl_peak"))
                self.assertFalse(experiment.has_result)
        attached = flowlab.Experiment.from_json(record(1, "attached", features=FEATURES))
        self.assertEqual(attached.mean("pl_peak"), 37676.5)
        self.assertIsNone(attached.mean("pl_centre"))

    def test_only_final_states_have_ended(self) -> None:
        for state in ("queued", "held", "referencing", "heating", "flowing", "settling", "measuring", "of a later version"):
            self.assertFalse(flowlab.Experiment.from_json(record(1, state)).ended, state)
        for state in flowlab.FINAL_STATES:
            self.assertTrue(flowlab.Experiment.from_json(record(1, state)).ended, state)

    def test_the_whole_of_the_contract_is_read(self) -> None:
        experiment = flowlab.Experiment.from_json(record(
            7, "failed", priority=-3, sequence=12, origin="external", source="a paper", data="partial",
            partial_features=FEATURES, flags=["saturated"], campaign="c-000001", metadata={"batch": 2},
            error={"kind": "device_lost", "device": "cui", "detail": "gone", "hint": "look"}))
        self.assertEqual(
            (experiment.priority, experiment.sequence, experiment.origin, experiment.source, experiment.data,
             experiment.flags, experiment.campaign, experiment.metadata, experiment.may_retry),
            (-3, 12, "external", "a paper", "partial", ("saturated",), "c-000001", {"batch": 2}, True))
        assert experiment.partial_features is not None
        self.assertEqual(experiment.partial_features["pl_peak"].n, 21)

    def test_shapes_that_lie_are_malformed(self) -> None:
        lies: list[dict[str, Any]] = [
            {"experiment": None}, {"state": 1}, {"recipe": None}, {"recipe": {}}, {"recipe": {"kind": "flows"}},
            {"features": {"pl_peak": {"mean": "1", "unit": "counts"}}}, {"features": {"pl_peak": {"unit": "counts"}}},
            {"features": {"pl_peak": {"mean": True, "unit": "counts"}}}, {"features": []}, {"transitions": {}},
            {"features": {"pl_peak": {"mean": 10**400, "unit": "counts"}}}, {"error": "x"}, {"flags": [1]},
            {"features": {"pl_peak": {"mean": float("inf"), "unit": "counts"}}}, {"sequence": 1.5}]
        for lie in lies:
            with self.subTest(lie), self.assertRaises(Malformed):
                flowlab.Experiment.from_json({**record(1, "done", features=FEATURES), **lie})

    def test_a_plan_tells_its_cost(self) -> None:
        plan = flowlab.Plan.from_json({
            "feasible": True, "waste_ul": 12.5, "flows_ul_min": {"cui": 80}, "warnings": [], "problems": [],
            "cost": {"duration_s": 600, "heating_s": 300, "flowing_s": 200, "references_s": 100,
                     "switching": {"temperature_k": 20, "heating_s": 90}}})
        assert plan.cost is not None
        self.assertEqual(
            (plan.waste_ul, plan.cost.duration_s, plan.cost.switching_temperature_k, plan.cost.switching_heating_s),
            (12.5, 600.0, 20.0, 90.0))


class SampleTests(unittest.TestCase):
    def test_samples_are_little_endian_floats(self) -> None:
        values = [200.0, -25.5, 1e6]
        raw = {"counts": b64encode(struct.pack("<3f", *values)).decode()}
        self.assertEqual(list(_records.samples(raw, "counts")), values)
        self.assertEqual(memoryview(_records.samples(raw, "counts")).format, "f")

    def test_bytes_are_swapped_where_that_is_needed(self) -> None:
        raw = {"counts": b64encode(struct.pack(">f", 1.5)).decode()}
        with mock.patch.object(sys, "byteorder", "big" if sys.byteorder == "little" else "little"):
            self.assertEqual(list(_records.samples(raw, "counts")), [1.5])

    def test_samples_of_another_shape_are_malformed(self) -> None:
        for counts in ("!!!!", "AAA=", "AAAAAAA=", 5, None):
            with self.subTest(counts), self.assertRaises(Malformed):
                _records.samples({"counts": counts}, "counts")


class ErrorTests(unittest.TestCase):
    def test_an_error_prints_all_that_it_knows(self) -> None:
        error = _errors.daemon_error({"code": -32000, "message": "m", "data": {
            "kind": "infeasible", "detail": "the recipe cannot run", "hint": "see problems", "device": "cui",
            "problems": [{"kind": "above_limit", "name": "temperature_c", "value": 400, "limit": 160, "unit": "degC",
                          "hint": "choose 20 to 160 degC"}]}}, "experiments.submit")
        self.assertIsInstance(error, flowlab.Infeasible)
        for part in ("infeasible", "cui", "the recipe cannot run", "experiments.submit", "temperature_c", "400",
                     "above_limit", "160", "choose 20 to 160 degC", "see problems"):
            self.assertIn(part, str(error))
        self.assertEqual((error.code, error.problems[0].limit), (-32000, 160.0))

    def test_kinds_have_their_classes_and_others_the_common_one(self) -> None:
        kinds = {"forbidden": flowlab.Forbidden, "key_conflict": flowlab.KeyConflict, "not_found": flowlab.NotFound,
                 "unknown_campaign": flowlab.NotFound, "busy": flowlab.Busy, "queue_full": flowlab.Busy,
                 "no_result": flowlab.NoResult, "timeout": flowlab.DaemonTimeout, "news": flowlab.DaemonError}
        for kind, wanted in kinds.items():
            error = _errors.daemon_error({"code": -32000, "message": "", "data": {"kind": kind}}, None)
            self.assertIs(type(error), wanted)
            self.assertEqual(error.kind, kind)

    def test_errors_may_be_caught_as_those_of_python(self) -> None:
        self.assertTrue(issubclass(flowlab.ConnectionLost, ConnectionError))
        self.assertTrue(issubclass(flowlab.Timeout, TimeoutError))
        self.assertTrue(issubclass(flowlab.SocketNotFound, FileNotFoundError))

    def test_errors_survive_a_process_pool(self) -> None:
        failed = flowlab.Experiment.from_json(record(
            3, "failed", error={"kind": "trip", "device": "heater", "detail": "too hot", "hint": "let it cool"}))
        lost = flowlab.ConnectionLost("gone", hint="look", method="experiments.cancel")
        lost.outcome_unknown = True
        for error in (flowlab.ExperimentFailed(failed), lost, flowlab.Timeout("late"), flowlab.Infeasible("no")):
            copy = pickle.loads(pickle.dumps(error))
            self.assertEqual((str(copy), copy.kind), (str(error), error.kind))
        self.assertTrue(pickle.loads(pickle.dumps(lost)).outcome_unknown)


class DatasetTests(unittest.TestCase):
    @staticmethod
    def ended(number: int, state: str, sequence: int, mean: float = 1.0) -> flowlab.Experiment:
        features = {"pl_peak": {"mean": mean, "sem": 0.1, "n": 5, "unit": "counts"}}
        return flowlab.Experiment.from_json(record(number, state, sequence=sequence, features=features))

    def test_what_failed_is_known_and_has_no_value(self) -> None:
        data = flowlab.Dataset([self.ended(1, "done", 1, 5.0), self.ended(2, "failed", 2), self.ended(3, "done", 3, 9.0)])
        self.assertEqual((len(data), data.since), (3, 3))
        self.assertEqual([mean for _, mean in data.measured("pl_peak")], [5.0, 9.0])
        best = data.best("pl_peak")
        assert best is not None
        self.assertEqual(best.id, "e-000003")
        self.assertIsNone(flowlab.Dataset().best("pl_peak"))

    def test_what_is_abandoned_later_loses_its_result(self) -> None:
        data = flowlab.Dataset([self.ended(1, "done", 1), self.ended(2, "done", 2)])
        data.update([self.ended(1, "abandoned", 3)])
        self.assertEqual([experiment.id for experiment, _ in data.measured("pl_peak")], ["e-000002"])
        self.assertEqual(data.since, 3)
        data.add(self.ended(1, "done", 1))
        self.assertEqual(len(data.measured("pl_peak")), 1, "an older word came later")

    def test_one_that_is_added_does_not_hide_those_that_ended_before_it(self) -> None:
        data = flowlab.Dataset()
        data.add(self.ended(5, "done", 9))
        self.assertEqual(data.since, 0)
        self.assertIn("e-000005", data)


class SocketTests(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.run_directory = Path(directory.name)
        patch = mock.patch.dict("os.environ")
        patch.start()
        self.addCleanup(patch.stop)

    def serve(self, bench: str) -> str:
        path = self.run_directory / bench / "control.sock"
        path.parent.mkdir()
        path.touch()
        return str(path)

    def test_the_argument_wins_then_the_environment_then_the_only_bench(self) -> None:
        import os

        only = self.serve("nanocrystal")
        os.environ["FLOWLAB_SOCKET"] = "/named"
        self.assertEqual(flowlab.find_socket("/given", self.run_directory), "/given")
        self.assertEqual(flowlab.find_socket(Path("/given"), self.run_directory), "/given")
        self.assertEqual(flowlab.find_socket(None, self.run_directory), "/named")
        os.environ["FLOWLAB_SOCKET"] = ""
        self.assertEqual(flowlab.find_socket(None, self.run_directory), only)

    def test_none_and_several_are_errors_that_say_so(self) -> None:
        import os

        os.environ.pop("FLOWLAB_SOCKET", None)
        with self.assertRaises(flowlab.SocketNotFound) as caught:
            flowlab.find_socket(None, self.run_directory)
        self.assertEqual(caught.exception.kind, "no_socket")
        self.assertIn("FLOWLAB_SOCKET", str(caught.exception))
        paths = [self.serve("a"), self.serve("b")]
        with self.assertRaises(flowlab.SocketNotFound) as caught:
            flowlab.find_socket(None, self.run_directory)
        self.assertEqual(caught.exception.kind, "several_sockets")
        for path in paths:
            self.assertIn(path, str(caught.exception))


class AttemptTests(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 1000.0
        self.seed = run_seed()
        self.patience = _retry.Patience("/x", 30.0, lambda: self.now, random.Random(self.seed))

    def attempts(self, method: str, deadline: float | None = None, **params: Any) -> _retry.Attempts:
        return _retry.Attempts(self.patience, method, params, deadline=deadline)

    def spend(self, attempts: _retry.Attempts, sent: bool) -> tuple[list[float], flowlab.ConnectionLost]:
        """The pauses until it gave up."""
        pauses: list[float] = []
        while True:
            try:
                pause = attempts.after(_retry.LinkLost("gone", sent=sent))
            except flowlab.ConnectionLost as error:
                return pauses, error
            self.now += pause
            pauses.append(pause)

    def test_pauses_grow_to_a_bound_and_end(self) -> None:
        pauses, error = self.spend(self.attempts("system.status"), sent=True)
        self.assertEqual(pauses[0], 0.0, f"seed {self.seed}")
        self.assertLessEqual(max(pauses), _retry.LONGEST_PAUSE_S)
        self.assertAlmostEqual(sum(pauses), 30.0, places=6)
        self.assertLess(len(pauses), 60, f"seed {self.seed}")
        self.assertFalse(error.outcome_unknown, "a look changes nothing")

    def test_a_deadline_ends_it_sooner(self) -> None:
        pauses, _ = self.spend(self.attempts("experiments.wait", deadline=1003.0), sent=True)
        self.assertAlmostEqual(sum(pauses), 3.0, places=6)

    def test_a_change_that_may_have_been_made_is_not_repeated(self) -> None:
        pauses, error = self.spend(self.attempts("experiments.cancel"), sent=True)
        self.assertEqual(pauses, [])
        self.assertTrue(error.outcome_unknown)
        self.assertIn("experiments.get", str(error))

    def test_a_change_that_was_not_sent_is_tried_again(self) -> None:
        pauses, error = self.spend(self.attempts("experiments.cancel"), sent=False)
        self.assertGreater(len(pauses), 10)
        self.assertFalse(error.outcome_unknown)

    def test_a_key_makes_a_submit_repeatable_and_is_told(self) -> None:
        pauses, error = self.spend(self.attempts("experiments.submit", key="k-1"), sent=True)
        self.assertGreater(len(pauses), 10)
        self.assertTrue(error.outcome_unknown)
        self.assertEqual(error.key, "k-1")
        self.assertIn("k-1", str(error))
        self.assertEqual(self.spend(self.attempts("experiments.submit"), sent=True)[0], [])

    def test_who_does_not_speak_the_protocol_is_not_asked_again(self) -> None:
        with self.assertRaises(flowlab.ProtocolError):
            self.attempts("system.status").after(_retry.LinkLost("garbage", sent=True, is_violation=True))


class ParityTests(unittest.TestCase):
    def test_both_clients_have_the_same_methods_with_the_same_params(self) -> None:
        def methods(of: type) -> dict[str, str]:
            return {
                name: str(list(inspect.signature(value).parameters.values()))
                for name, value in vars(of).items() if not name.startswith("_") and callable(value)}

        asyncio_only = {"connect"}
        found = methods(flowlab.AsyncClient)
        self.assertEqual(
            methods(flowlab.Client), {name: value for name, value in found.items() if name not in asyncio_only})

    def test_every_method_of_the_api_has_an_operation(self) -> None:
        source = "".join(inspect.getsource(module) for module in (_operations, _pages))
        for method in sorted(_operations.READS | _operations.KEYED | _operations.HARMLESS_TWICE):
            self.assertGreater(source.count(f'"{method}"'), 1, method)

    def test_records_are_frozen_and_compare_without_raw(self) -> None:
        one, other = (flowlab.Feature.from_json({**FEATURES["pl_peak"], "note": note}) for note in "ab")
        self.assertEqual(one, other)
        with self.assertRaises(dataclasses.FrozenInstanceError):
            one.mean = 0.0  # type: ignore[misc]


if __name__ == "__main__":
    unittest.main()
