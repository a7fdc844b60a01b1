"""The optimizer of `examples`, and what the README shows."""

from __future__ import annotations

import os
import re
import unittest
from pathlib import Path
from unittest import mock

import flowlab

from .contract_peer import ContractPeer
from .support import ROOT, SharedBench, run_python

OPTIMIZER = str(ROOT / "examples" / "optimizer.py")


def optimize(path: str, experiments: int, timeout_s: float = 60.0) -> str:
    ran = run_python(OPTIMIZER, str(experiments), FLOWLAB_SOCKET=path, timeout_s=timeout_s)
    if ran.returncode != 0:
        raise AssertionError(f"exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


class OptimizerTests(unittest.TestCase):
    def setUp(self) -> None:
        self.daemon = ContractPeer(is_instant=True)
        self.addCleanup(self.daemon.peer.close)

    def means(self) -> list[float]:
        return [each["features"]["pl_peak"]["mean"] for each in self.daemon.experiments.values()]

    def test_it_climbs_and_goes_on_where_it_stopped(self) -> None:
        path = self.daemon.peer.path
        self.assertIn("0 of 8 experiments", optimize(path, 8))
        self.assertEqual(len(self.daemon.experiments), 8)
        self.assertIn("8 of 60 experiments", optimize(path, 60))
        means = self.means()
        self.assertEqual(len(means), 60)
        self.assertGreater(max(means), 1.1 * max(means[:6]), "better than the first points")
        self.assertGreater(max(means), 0.9 * 40_000)

    def test_stopped_or_not_it_asks_for_the_same(self) -> None:
        optimize(self.daemon.peer.path, 12)
        other = ContractPeer(is_instant=True)
        self.addCleanup(other.peer.close)
        for experiments in (4, 12):
            optimize(other.peer.path, experiments)
        self.assertEqual(
            [each["recipe"] for each in self.daemon.experiments.values()],
            [each["recipe"] for each in other.experiments.values()])

    def test_what_an_earlier_run_asked_for_is_waited_for(self) -> None:
        self.daemon.is_instant = False
        with flowlab.Client(self.daemon.peer.path) as client:
            campaign = client.create_campaign("optimizer.py", key="optimizer.py")
            client.submit(flowlab.Box.of(client.schema().box, [0.5] * 7), campaign=campaign)
        self.daemon.is_instant = True
        self.daemon.ends_when_waited_for = "failed"
        self.assertIn("1 of 1 experiments", optimize(self.daemon.peer.path, 1))
        self.assertEqual(self.daemon.peer.methods().count("experiments.wait"), 1)
        self.assertEqual(len(self.daemon.experiments), 1)

    def test_what_failed_is_no_point_and_no_end(self) -> None:
        self.daemon.fails = {2, 5}
        optimize(self.daemon.peer.path, 9)
        states = [each["state"] for each in self.daemon.experiments.values()]
        self.assertEqual((len(states), states.count("failed")), (9, 2))

    def test_it_runs_on_the_simulated_bench(self) -> None:
        path = SharedBench.get().path
        optimize(path, 1)
        self.assertIn("1 of 2 experiments", optimize(path, 2))
        with flowlab.Client(path) as client:
            campaign = client.create_campaign("optimizer.py", key="optimizer.py")
            found = list(client.results(campaign=campaign))
        self.assertEqual([experiment.state for experiment in found], ["done"] * 2)


class ReadmeTests(unittest.TestCase):
    def test_what_the_readme_shows_runs(self) -> None:
        """Its Python blocks, one after another, against the daemon."""
        path = SharedBench.get().path
        text = Path(ROOT / "clients" / "python" / "README.md").read_text()
        blocks = re.findall(r"(?ms)^```python\n(.*?)^```$", text)
        self.assertGreater(len(blocks), 4)
        with mock.patch.dict(os.environ, FLOWLAB_SOCKET=path), mock.patch("builtins.print"):
            names: dict[str, object] = {"__name__": "readme"}
            for number, block in enumerate(blocks):
                with self.subTest(block=number):
                    exec(compile(block, f"README.md, block {number}", "exec"), names)
        client = names["client"]
        assert isinstance(client, flowlab.Client)
        client.close()


if __name__ == "__main__":
    unittest.main()
