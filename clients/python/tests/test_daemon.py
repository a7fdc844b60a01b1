"""Both clients against the real daemon and the simulated bench."""

from __future__ import annotations

import asyncio
import os
import unittest
from typing import Any

import flowlab

from .both import BothCase
from .support import RECIPE, Background, SharedBench, run_python

IMPOSSIBLE = flowlab.Flows(400, {"nothing": 3})


class DaemonCase(BothCase):
    """Leaves nothing in the queue."""

    client: Any

    def setUp(self) -> None:
        self.path = SharedBench.get().path
        self.client = self.made_client(self.path, timeout_s=60.0)
        self.addCleanup(self.cancel_all)

    def cancel_all(self) -> None:
        """The last first, so that none starts meanwhile."""
        with flowlab.Client(self.path) as client:
            status = client.status()
            running = [] if status.running is None else [status.running["experiment"]]
            for experiment in (*reversed(status.queue), *running):
                try:
                    client.cancel(experiment)
                except flowlab.NotCancellable:
                    pass  # it has ended


class GlanceScenarios(DaemonCase):
    def test_the_bench_at_a_glance(self) -> None:
        hello = self.client.hello()
        self.assertEqual((hello.bench, hello.role, hello.simulated), ("nanocrystal", "admin", True))
        self.assertEqual(self.client.status().devices, {"ready": 12})
        self.assertEqual(self.client.info().limits["line_bytes"], 1 << 20)
        self.assertEqual(len(self.client.devices()), 12)
        self.assertIn("experiments.submit", {method["name"] for method in self.client.discover()["methods"]})
        self.assertIn("plate-over-temperature", {interlock.name for interlock in self.client.interlocks()})

    def test_readings_have_value_unit_and_quality(self) -> None:
        readings = self.client.read("heater.*", "pump.cui.flow")
        self.assertTrue(0 < readings["heater.temperature"].value < 200)
        self.assertEqual(readings["heater.temperature"].unit, "degC")
        self.assertTrue(readings["pump.cui.flow"].good)
        self.assertEqual({signal.name for signal in self.client.signals()} & set(readings), set(readings))
        detail = self.client.device("cui")
        self.assertGreater(detail.limits["maximum_ul_min"], 1000)
        self.assertEqual(detail.device.device_class, "pump")
        self.assertIn("pump.cui.flow", detail.readings)

    def test_a_plan_tells_flows_times_and_volumes(self) -> None:
        plan = self.client.plan(RECIPE)
        self.assertTrue(plan.feasible)
        self.assertEqual(plan.flows_ul_min["pfo"], 600.0)
        self.assertAlmostEqual(plan.equilibrium_time_s, 1.2 * plan.residence_time_s)
        self.assertGreater(plan.duration_s, plan.equilibrium_time_s)

    def test_everything_that_is_wrong_is_said_at_once(self) -> None:
        plan = self.client.plan(IMPOSSIBLE)
        self.assertFalse(plan.feasible)
        for refused in (self.client.submit, self.client.run):
            with self.assertRaises(flowlab.Infeasible) as caught:
                refused(IMPOSSIBLE)
            self.assertEqual(caught.exception.problems, plan.problems)
            self.assertEqual({problem.kind for problem in plan.problems}, {"above_limit", "unknown_pump"})
            self.assertIn("temperature_c", str(caught.exception))

    def test_bad_input_is_an_error_with_a_hint(self) -> None:
        wrong = (
            (flowlab.NotFound, lambda: self.client.get("e-999999")), (flowlab.NotFound, lambda: self.client.device("x")),
            (flowlab.NotFound, lambda: self.client.reset_interlock("x")),
            (flowlab.InvalidParams, lambda: self.client.read()),
            (flowlab.InvalidParams, lambda: self.client.plan({"kind": "nonsense"})),
            (flowlab.InvalidParams, lambda: self.client.call("experiments.wait", experiment=3)),
            (flowlab.InvalidParams, lambda: self.client.call("system.status", stranger=1)),
            (flowlab.InvalidParams, lambda: self.client.submit(RECIPE, metadata="x" * 20_000)),
            (flowlab.InvalidParams, lambda: self.client.submit(RECIPE, metadata=float("nan"))),
            (flowlab.InvalidParams, lambda: self.client.submit(RECIPE, key="")),
            (flowlab.MethodNotFound, lambda: self.client.call("experiments.nonsense")))
        for index, (kind, body) in enumerate(wrong):
            with self.subTest(index), self.assertRaises(kind) as caught:
                body()
            self.assertTrue(caught.exception.hint)
        self.assertEqual(self.client.status().queue, (), "nothing was queued by all that")

    def test_a_topic_that_there_is_not_is_refused(self) -> None:
        with self.assertRaises(flowlab.InvalidParams):
            self.client.events("nonsense").next(5)


class RunScenarios(DaemonCase):
    def test_an_experiment_from_recipe_to_spectrum(self) -> None:
        with self.client.events("experiments") as events:
            done = self.client.run(RECIPE, metadata={"batch": 7}, timeout_s=60)
            self.assertEqual((done.state, done.metadata, done.error), ("done", {"batch": 7}, None))
            self.assertGreater(done.mean("pl_peak"), 10_000)
            self.assertGreater(done.sem("pl_peak"), 0)
            self.assertEqual(done.certificate.verdict, "steady")
            self.assertGreaterEqual(done.certificate.swept_tau, 1.2)
            self.assertEqual(done.recipe, RECIPE)
            states = [event.data["state"] for event in (events.next(10) for _ in done.transitions)]
        self.assertEqual(states, [transition.state for transition in done.transitions])
        self.assertEqual(self.client.result(done).features, done.features)
        self.assertEqual(self.client.get(done.id), done)
        self.check_spectra(done)
        self.assertEqual(self.client.run(RECIPE, key=done.key, metadata={"batch": 7}), done, "the key gives the same")

    def check_spectra(self, done: flowlab.Experiment) -> None:
        found = list(self.client.spectra(done, device="spec_pl"))
        self.assertTrue(found)
        for spectrum in found:
            self.assertEqual(len(spectrum.counts), len(spectrum.wavelengths_nm))
            self.assertEqual(sorted(spectrum.wavelengths_nm), list(spectrum.wavelengths_nm))
            self.assertLess(max(spectrum.counts), 2**24)

    def test_what_was_cancelled_has_no_result(self) -> None:
        submitted = self.client.submit(RECIPE)
        running = Background(self.client.run, RECIPE, key=submitted.key)
        self.assertEqual(self.client.cancel(submitted).state, "cancelled")
        with self.assertRaises(flowlab.ExperimentFailed) as caught:
            running.result()
        ended = caught.exception.experiment
        self.assertEqual((ended.id, ended.features, ended.mean("pl_peak")), (submitted.id, None, None))
        with self.assertRaises(flowlab.NoResult):
            self.client.result(submitted)
        with self.assertRaises(flowlab.NotCancellable):
            self.client.cancel(submitted)

    def test_a_key_belongs_to_one_recipe(self) -> None:
        submitted = self.client.submit(RECIPE)
        again = self.client.submit(RECIPE, key=submitted.key)
        self.assertEqual(again.id, submitted.id)
        with self.assertRaises(flowlab.KeyConflict):
            self.client.submit(flowlab.Flows(130, RECIPE.flows_ul_min), key=submitted.key)

    def test_three_clients_with_one_key_have_one_experiment(self) -> None:
        key = f"one-for-all-{self.kind}"
        clients = [self.made_client(self.path) for _ in range(3)]
        asked = [Background(client.submit, RECIPE, key=key) for client in clients for _ in range(4)]
        self.assertEqual(len({each.result().id for each in asked}), 1)

    def test_pages_give_each_experiment_once(self) -> None:
        wanted = [self.client.submit(RECIPE).id for _ in range(5)]
        listed = [summary.id for summary in self.client.experiments(limit=2)]
        self.assertEqual(listed[-5:], wanted)
        self.assertEqual(len(set(listed)), len(listed))
        self.assertEqual([summary.id for summary in self.client.experiments(after=wanted[2], limit=1)], wanted[3:])

    def test_the_time_out_of_a_wait_tells_how_far_it_is(self) -> None:
        submitted = self.client.submit(RECIPE)
        with self.assertRaises(flowlab.Timeout) as caught:
            self.client.wait(submitted, timeout_s=0.2)
        self.assertEqual(caught.exception.experiment.id, submitted.id)  # type: ignore[union-attr]

    def test_a_subscription_goes_on_from_a_position_that_was_kept(self) -> None:
        with self.client.events("experiments") as events:
            first = self.client.submit(RECIPE)
            events.next(5)
            kept = events.position
        second = self.client.submit(RECIPE)
        with self.client.events("experiments", after=kept) as events:
            seen = {events.next(5).data["experiment"] for _ in range(2)}
        self.assertLessEqual(seen, {first.id, second.id})
        self.assertIn(second.id, seen)

    def test_signals_come_as_events(self) -> None:
        with self.client.events("signals:heater.temperature") as events:
            readings = [events.next(10) for _ in range(3)]
        self.assertEqual({event.data["signal"] for event in readings}, {"heater.temperature"})
        self.assertEqual(sorted(event.seq for event in readings), [event.seq for event in readings])


def either(*scenarios: type[DaemonCase]) -> dict[str, type]:
    made: dict[str, type] = {}
    for scenario in scenarios:
        for kind, suffix in (("threads", "Threads"), ("asyncio", "Asyncio")):
            name = scenario.__name__.replace("Scenarios", suffix)
            made[name] = type(name, (scenario,), {"kind": kind, "__module__": __name__})
    return made


globals().update(either(GlanceScenarios, RunScenarios))
del GlanceScenarios, RunScenarios


class ManyTests(DaemonCase):
    def setUp(self) -> None:
        super().setUp()
        self.submitted = [self.client.submit(RECIPE) for _ in range(3)]

    def end(self) -> None:
        for submitted in reversed(self.submitted):
            self.client.cancel(submitted)

    def test_more_waits_than_the_daemon_takes_of_one_connection(self) -> None:
        async def wait_all() -> set[str]:
            async with flowlab.AsyncClient(self.path) as client:
                waits = [
                    asyncio.create_task(client.wait(self.submitted[number % 3], timeout_s=60)) for number in range(150)]
                await asyncio.gather(*(client.plan(RECIPE) for _ in range(100)))
                await asyncio.to_thread(self.end)
                return {(await wait).state for wait in waits}

        self.assertEqual(asyncio.run(wait_all()), {"cancelled"})

    def test_more_threads_that_wait_than_that(self) -> None:
        waits = [Background(self.client.wait, self.submitted[number % 3], timeout_s=60) for number in range(80)]
        for _ in range(20):
            self.client.status()
        self.end()
        self.assertEqual({wait.result(60).state for wait in waits}, {"cancelled"})

    def test_a_cancelled_task_leaves_the_connection_whole(self) -> None:
        async def cancel_some() -> str:
            async with flowlab.AsyncClient(self.path) as client:
                waits = [asyncio.create_task(client.wait(self.submitted[2])) for _ in range(20)]
                await client.status()
                for wait in waits:
                    wait.cancel()
                ended = await asyncio.gather(*waits, return_exceptions=True)
                self.assertEqual({type(error) for error in ended}, {asyncio.CancelledError})
                return (await client.get(self.submitted[2])).state

        self.assertIn(asyncio.run(cancel_some()), ("queued", "heating", "flowing", "settling"))


@unittest.skipIf(os.getuid() != 0, "only root may become somebody else")
class RoleTests(unittest.TestCase):
    PROGRAM = """
with flowlab.Client(sys.argv[1]) as client:
    assert client.greeting.role == "none", client.greeting
    for body in (client.status, lambda: client.submit(flowlab.Flows(140, {"cui": 80}))):
        try:
            body()
        except flowlab.Forbidden as error:
            assert error.hint, error
        else:
            raise AssertionError("not refused")
print("refused")
"""

    def test_who_has_no_role_is_forbidden(self) -> None:
        path = SharedBench.get().path
        os.chmod(os.path.dirname(path), 0o755)
        program = f"import os, sys, flowlab\nos.setgroups([])\nos.setgid(65534)\nos.setuid(65534)\n{self.PROGRAM}"
        ran = run_python("-c", program, path)
        self.assertEqual((ran.returncode, ran.stdout.strip()), (0, "refused"), ran.stderr)


if __name__ == "__main__":
    unittest.main()
