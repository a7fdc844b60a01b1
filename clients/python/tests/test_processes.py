"""Several client processes at once, and one that is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest

import flowlab

from .support import RECIPE, ROOT, SharedBench

SUBMIT = """
import sys, flowlab
recipe = flowlab.Flows(140, {"cui": 160, "oa_cui": 20, "ode_cui": 120, "cs_oleate": 160, "oa_cs": 30})
client = flowlab.Client()
sys.stdin.readline()
for key in sys.argv[2:]:
    print(client.submit(recipe, key=key, campaign=sys.argv[1] or None).id, flush=True)
sys.stdin.readline()
"""


def start(path: str, campaign: str, *keys: str) -> subprocess.Popen[str]:
    """Submits when told to, then stays connected until told to go."""
    environment = os.environ | {"FLOWLAB_SOCKET": path, "PYTHONPATH": str(ROOT / "clients" / "python")}
    return subprocess.Popen(
        [sys.executable, "-c", SUBMIT, campaign, *keys], env=environment, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE)


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go on\n")
    process.stdin.flush()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


class ProcessTests(unittest.TestCase):
    def setUp(self) -> None:
        self.path = SharedBench.get().path
        self.client = flowlab.Client(self.path)
        self.addCleanup(self.client.close)

    def started(self, campaign: str, *keys: str) -> subprocess.Popen[str]:
        process = start(self.path, campaign, *keys)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_three_clients_with_one_key_get_one_experiment(self) -> None:
        clients = [self.started("", "the same key") for _ in range(3)]
        for client in clients:
            tell(client)
        numbers = {line(client) for client in clients}
        self.assertEqual(len(numbers), 1)
        known = [each for each in self.client.experiments() if self.client.get(each.id).key == "the same key"]
        self.assertEqual({each.id for each in known}, numbers)
        self.client.cancel(known[0])

    def test_a_client_that_is_killed_changes_nothing_for_the_queue(self) -> None:
        campaign = self.client.create_campaign("killed")
        victim = self.started(campaign.id, "killed-1", "killed-2")
        tell(victim)
        first, second = line(victim), line(victim)
        victim.kill()
        self.assertEqual(victim.wait(), -9)
        ended = [self.client.wait(number, timeout_s=60) for number in (first, second)]
        self.assertEqual([each.state for each in ended], ["done", "done"])
        again = self.client.submit(RECIPE, key="killed-2", campaign=campaign)
        self.assertEqual((again.id, again.state), (second, "done"), "who comes back gets what was asked for")


if __name__ == "__main__":
    unittest.main()
