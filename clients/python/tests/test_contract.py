"""Campaigns, results, stocks and archive: against a peer that speaks the whole API from memory, and against the daemon
where it has these methods."""

from __future__ import annotations

import time
import unittest
from typing import Any

import flowlab

from .both import BothCase
from .contract_peer import ContractPeer
from .support import SharedBench

FEATURES = {"pl_peak": flowlab.Feature(1234.5, 6.7, 8, "counts", {})}


class ContractCase(BothCase):
    client: Any
    box: flowlab.Box

    def setUp(self) -> None:
        self.client = self.made_client(self.socket_path(), timeout_s=60.0)
        names = self.client.schema().box
        self.box = flowlab.Box.of(names, [0.5] * len(names))
        self.campaign = self.client.create_campaign("tests", key=self.id())

    def socket_path(self) -> str:
        raise NotImplementedError

    def attached(self, **more: Any) -> str:
        found: flowlab.ExperimentState = self.client.attach(
            self.box, FEATURES, "a paper", campaign=self.campaign, **more)
        self.assertEqual(found.state, "attached")
        return found.id

    def waiting(self, **more: Any) -> tuple[str, str]:
        """One that runs and one that waits behind it; both end with the test."""
        ids = []
        for _ in range(2):
            submitted = self.client.submit(self.box, campaign=self.campaign, **more)
            self.addCleanup(self.cancel, submitted.id)
            ids.append(submitted.id)
        return ids[0], ids[1]

    def cancel(self, experiment: str) -> None:
        if not self.client.get(experiment).ended:
            self.client.cancel(experiment)


class CampaignScenarios(ContractCase):
    def test_a_key_gives_the_same_campaign(self) -> None:
        again = self.client.create_campaign("tests", key=self.id())
        self.assertEqual(again.id, self.campaign.id)
        self.assertNotEqual(self.client.create_campaign("tests").id, self.campaign.id)
        found = self.client.campaign(self.campaign)
        self.assertEqual((found.name, found.key, found.states), ("tests", self.id(), {}))

    def test_campaigns_are_listed_each_once(self) -> None:
        for _ in range(3):
            self.client.create_campaign("more")
        ids = [campaign.id for campaign in self.client.campaigns(limit=2)]
        self.assertEqual(len(set(ids)), len(ids))
        self.assertIn(self.campaign.id, ids)
        self.assertGreaterEqual(len(ids), 4)

    def test_a_campaign_that_there_is_not_is_refused(self) -> None:
        with self.assertRaises(flowlab.NotFound) as caught:
            self.client.submit(self.box, campaign="c-999999")
        self.assertEqual(caught.exception.kind, "unknown_campaign")

    def test_a_campaign_counts_its_experiments(self) -> None:
        self.attached()
        self.attached()
        self.assertEqual(self.client.campaign(self.campaign).states, {"attached": 2})


class ResultScenarios(ContractCase):
    def test_what_is_attached_is_a_result(self) -> None:
        number = self.attached(metadata={"page": 4})
        found = self.client.get(number)
        self.assertEqual(
            (found.state, found.origin, found.source, found.metadata, found.recipe),
            ("attached", "external", "a paper", {"page": 4}, self.box))
        self.assertEqual((found.mean("pl_peak"), found.sem("pl_peak")), (1234.5, 6.7))
        self.assertEqual(self.attached(key="paper-1"), self.attached(key="paper-1"))

    def test_each_ended_experiment_comes_once_and_again_when_it_is_abandoned(self) -> None:
        numbers = [self.attached() for _ in range(5)]
        data = flowlab.Dataset(self.client.results(campaign=self.campaign, limit=2))
        self.assertEqual([experiment.id for experiment in data], numbers)
        self.assertEqual(len(data.measured("pl_peak")), 5)
        self.assertEqual(list(self.client.results(since=data.since, campaign=self.campaign)), [])
        self.assertEqual(self.client.abandon(numbers[1], "a bubble").state, "abandoned")
        news = list(self.client.results(since=data.since, campaign=self.campaign))
        self.assertEqual([(each.id, each.state, each.mean("pl_peak")) for each in news],
                         [(numbers[1], "abandoned", None)])
        data.update(news)
        self.assertEqual(len(data.measured("pl_peak")), 4)

    def test_results_that_come_later_are_followed(self) -> None:
        first = self.attached()
        following = iter(self.client.results(campaign=self.campaign, follow=True, poll_s=0.05))
        self.assertEqual(next(following).id, first)
        second = self.attached()
        self.assertEqual(next(following).id, second)

    def test_sequences_rise(self) -> None:
        for _ in range(3):
            self.attached()
        sequences = [experiment.sequence for experiment in self.client.results(campaign=self.campaign)]
        self.assertEqual(len(sequences), 3)
        self.assertEqual(sorted(set(sequences)), sequences)


class QueueScenarios(ContractCase):
    def test_one_that_is_held_waits_for_its_release(self) -> None:
        _, second = self.waiting()
        self.assertEqual(self.client.hold(second, reason="no solvent").state, "held")
        self.assertFalse(self.client.get(second).ended)
        self.assertEqual(self.client.release(second).state, "queued")

    def test_what_has_not_ended_is_listed(self) -> None:
        ids = self.waiting(priority=7)
        self.attached()
        pending = [summary.id for summary in self.client.experiments(campaign=self.campaign, pending=True)]
        self.assertEqual(pending, list(ids))
        self.assertEqual(self.client.get(ids[0]).priority, 7)
        self.client.abandon(ids[1], "not wanted")
        with self.assertRaises(flowlab.ExperimentFailed) as caught:
            self.client.run(self.box, key=self.client.get(ids[1]).key, campaign=self.campaign, priority=7)
        self.assertEqual(caught.exception.experiment.state, "abandoned")
        self.assertFalse(caught.exception.experiment.may_retry)


class SchemaScenarios(ContractCase):
    def test_limits_are_machine_readable(self) -> None:
        schema = self.client.schema()
        self.assertEqual(len(schema.box), 7)
        for parameter in schema.kinds["box"].parameters:
            if parameter.name.startswith("x."):
                self.assertEqual((parameter.minimum, parameter.maximum, parameter.required), (0.0, 1.0, True))
        self.assertIn("references", schema.kinds)

    def test_a_point_of_the_box_has_a_plan_with_its_cost(self) -> None:
        plan = self.client.plan(self.box)
        self.assertTrue(plan.feasible, plan.problems)
        self.assertGreater(plan.waste_ul, 0)
        self.assertGreater(plan.cost.duration_s, 0)
        self.assertIsInstance(plan.executed, flowlab.Box)
        self.assertEqual(set(plan.executed.x), set(self.box.x))


class StockScenarios(ContractCase):
    def test_reagents_and_waste_are_told_and_replenished(self) -> None:
        stock = self.client.reagents()
        reagent = next(each for each in stock.reagents if each.device == "cui")
        self.assertGreater(reagent.capacity_ul, 0)
        self.assertEqual(self.client.refill("cui", volume_ul=20_000, batch="B7", note="by hand"), 20_000)
        again = next(each for each in self.client.reagents().reagents if each.device == "cui")
        self.assertEqual(again.remaining_ul, 20_000)
        self.assertEqual(self.client.refill("cui"), reagent.capacity_ul)
        self.assertEqual(self.client.empty_waste(note="full"), stock.waste.capacity_ul)
        with self.assertRaises(flowlab.FlowlabError):
            self.client.refill("nothing")

    def test_the_recorder_keeps_what_is_asked_for(self) -> None:
        name = self.dumped("a look")
        kept = self.found(name)
        self.assertEqual((kept.cause, kept.reason), ("request", "a look"))
        told = self.client.recorder()
        self.assertTrue(told.recording and told.trouble is None)

    def dumped(self, reason: str) -> str:
        """Somebody else may have asked less than 5 s ago: then the daemon is busy for so long."""
        deadline = time.monotonic() + 15
        while True:
            try:
                return self.client.dump_recorder(reason=reason)
            except flowlab.Busy:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def found(self, recording: str) -> Any:
        """The daemon keeps it after it has answered."""
        deadline = time.monotonic() + 15
        while True:
            for each in self.client.recorder().kept:
                if each.recording == recording:
                    return each
            self.assertLess(time.monotonic(), deadline, f"{recording} was never kept")
            time.sleep(0.05)

    def test_references_are_told(self) -> None:
        for reference in self.client.references():
            self.assertIn(reference.kind, ("dark", "reference"))
            self.assertEqual(reference.valid, reference.reason is None)

    def test_a_history_has_no_point_twice(self) -> None:
        points = []
        for point in self.client.history("heater.temperature", limit=3):
            points.append(point)
            if len(points) == 8:
                break
        times = [point.time for point in points]
        self.assertEqual(sorted(set(times)), times)
        self.assertGreater(len(points), 0)
        for point in points:
            if point.value is not None:
                self.assertLessEqual(point.minimum, point.value)
                self.assertLessEqual(point.value, point.maximum)

    def test_an_export_is_one_table(self) -> None:
        numbers = [self.attached() for _ in range(7)]
        rows = list(self.client.export("experiments", campaign=self.campaign))
        self.assertEqual([row["experiment"] for row in rows], numbers)
        self.assertEqual({row["state"] for row in rows}, {"attached"})
        text = self.client.export_csv("experiments", campaign=self.campaign)
        self.assertEqual(text.count("experiment,"), 1)
        for number in numbers:
            self.assertIn(number, text)


class OnPeer(ContractCase):
    def socket_path(self) -> str:
        daemon = ContractPeer(is_instant=False)
        self.addCleanup(daemon.peer.close)
        return daemon.peer.path


class OnDaemon(ContractCase):
    def socket_path(self) -> str:
        return SharedBench.get().path


def everywhere(*scenarios: type[ContractCase]) -> dict[str, type]:
    made: dict[str, type] = {}
    for scenario in scenarios:
        for place in (OnPeer, OnDaemon):
            for kind, suffix in (("threads", "Threads"), ("asyncio", "Asyncio")):
                name = scenario.__name__.replace("Scenarios", place.__name__ + suffix)
                made[name] = type(name, (place, scenario), {"kind": kind, "__module__": __name__})
    return made


globals().update(everywhere(CampaignScenarios, ResultScenarios, QueueScenarios, SchemaScenarios, StockScenarios))
del CampaignScenarios, ResultScenarios, QueueScenarios, SchemaScenarios, StockScenarios
del OnPeer, OnDaemon, ContractCase, BothCase

if __name__ == "__main__":
    unittest.main()
