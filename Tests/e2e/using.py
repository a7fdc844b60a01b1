"""A campaign, a restart under clients, a reload, and what the journal has of it."""
import json
import threading
import time

from bench import until
from world import RECIPE, World


class Using(World):
    def campaign(self):
        socket = "/run/flowlab/fast/control.sock"
        campaign = self.inside.start("flowlab-optimize", "--socket", socket, "--campaign", "night", "--experiments", "2",
                                     "--replicates", "0", "--seed", str(self.options.seed), user="otto")
        out, error = campaign.communicate(timeout=600)
        done = self.ask("experiments.list", "fast", state="done")["experiments"]
        self.check(f"a campaign through bound pseudo-terminals: {len(done)} experiments are done",
                   [campaign.returncode and f"exit {campaign.returncode}: {out[-600:]}{error[-600:]}",
                    len(done) < 2 and json.dumps(done)[:600]])

    def pause(self):
        """A restart, with somebody who subscribes and others who ask all the time."""
        events = self.inside.start("flowlabctl", "events", "--json", "--socket", "/run/flowlab/e2e/control.sock", user="olga")
        time.sleep(1)
        stop, refusals, asked = threading.Event(), [], [0]

        def keep_asking():
            while not stop.is_set():
                said = self.ctl("status", user="olga")
                asked[0] += 1
                if said.returncode != 0:
                    refusals.append(said.stdout + said.stderr)

        askers = [threading.Thread(target=keep_asking) for _ in range(3)]
        for one in askers:
            one.start()
        before = self.main_pid()
        began = time.monotonic()
        said = self.inside.run("systemctl", "restart", "flowlabd@e2e.service")
        took = time.monotonic() - began
        time.sleep(2)
        stop.set()
        for one in askers:
            one.join()
        self.check(f"over a restart of {took:.1f} s nobody is refused: {asked[0]} calls were answered",
                   [said.returncode and said.stderr, self.main_pid() == before and "it is the same process", *refusals[:3]])
        until("all devices", lambda: set(self.ask("system.status")["devices"]) == {"ready"})
        time.sleep(1)
        lives = events.poll() is None
        # What is entered into the container outlives the process that entered it.
        self.inside.run("pkill", "-u", "olga", "-x", "flowlabctl")
        out, error = events.communicate(timeout=10)
        streams = {json.loads(line).get("stream") for line in out.splitlines() if '"stream"' in line}
        self.check(f"a subscription goes on after it: events of {len(streams)} streams",
                   [not lives and f"it ended: {error}", len(streams) != 2 and out[-800:] + error])

    def start_limit(self):
        """A daemon that cannot start is not started for ever, and its socket says so to clients at once."""
        path = "/etc/flowlab/broken.toml"
        self.inside.write(path, "[bench]\nname = \"broken\"\n")
        said = self.inside.run("systemctl", "start", "flowlabd@broken.service")
        status = self.inside.show("flowlabd@broken.service", "ExecMainStatus")
        restarts = self.inside.show("flowlabd@broken.service", "NRestarts")
        self.check("a bench file that is not right: exit 78, said in the journal, and no restart",
                   [said.returncode == 0 and "it started", status != "78" and status, restarts != "0" and restarts]
                   + self.lacking(" ".join(str(e.get("MESSAGE")) for e in self.inside.journal(
                       "-u", "flowlabd@broken.service")), "bench.simulated"))
        self.inside.run("systemctl", "stop", "flowlabd@broken.socket")
        self.inside.run("systemctl", "reset-failed", "flowlabd@broken.service")
        self.inside.run("rm", path)

    def reload(self):
        path = "/etc/flowlab/e2e.toml"
        with open(self.inside.root + path, encoding="utf-8") as file:
            text = file.read()
        pid = self.main_pid()
        changed = text.replace('optimizer = ["flowlab-optimizers"]', 'optimizer = ["flowlab-optimizers", "flowlab-observers"]')
        changed = changed.replace("flood = 10 ", "flood = 11 ")
        self.inside.write(path, changed)
        said = self.inside.run("systemctl", "reload", "flowlabd@e2e.service")
        plan = self.ctl("plan", "--recipe", "-", "--json", user="olga", input=json.dumps(RECIPE))
        entries = self.inside.journal("-u", "flowlabd@e2e.service", "FLOWLAB_KIND=reloaded")
        text_of_it = str(entries[-1].get("MESSAGE")) if entries else ""
        self.check(f"reload: {text_of_it}",
                   [said.returncode and said.stderr, self.main_pid() != pid and "it was restarted",
                    plan.returncode and plan.stderr]
                   + self.lacking(text_of_it, "taken over: roles.optimizer", "holds only after a restart: alarms.flood"))
        self.inside.write(path, changed + "\nnonsense = 1\n")
        failed = self.inside.run("systemctl", "reload", "flowlabd@e2e.service")
        said = self.ctl("reload")
        self.check("a bench file that is not right is refused, and the daemon goes on",
                   [failed.returncode == 0 and "systemctl reload says nothing", self.main_pid() != pid and "restarted",
                    said.returncode != 78 and f"exit {said.returncode}: {said.stdout}",
                    "nonsense" not in said.stderr and said.stderr])
        self.inside.write(path, text)
        self.inside.run("systemctl", "reload", "flowlabd@e2e.service")

    def journal(self):
        experiment = [e for e in self.inside.journal("FLOWLAB_BENCH=e2e", "FLOWLAB_EXPERIMENT=e-000002")]
        kinds = [entry.get("FLOWLAB_KIND") for entry in experiment]
        self.check(f"an experiment's life by FLOWLAB_EXPERIMENT: {', '.join(map(str, kinds))}",
                   [not {"queued", "flowing", "settling", "interrupted"} <= set(kinds) and json.dumps(experiment)[:600]])
        trips = self.inside.journal("FLOWLAB_BENCH=e2e", "FLOWLAB_INTERLOCK=unclean-end")
        self.check("a trip is an error with its interlock and its message id",
                   [not trips and "no entry", *[json.dumps(e)[:400] for e in trips if "MESSAGE_ID" not in e]]
                   + ([] if any(e.get("PRIORITY") == "3" for e in trips) else [json.dumps(trips)[:600]]))
        devices = self.inside.journal("FLOWLAB_BENCH=fast", "FLOWLAB_DEVICE=pfo", "FLOWLAB_KIND=ready")
        self.check("a device's by FLOWLAB_DEVICE and FLOWLAB_KIND", [not devices and "no entry"])
        explained = self.inside.run("journalctl", "--catalog", "--no-pager", "FLOWLAB_INTERLOCK=unclean-end", "-n", "3").stdout
        self.check("the catalog says what a trip means and what to do",
                   self.lacking(explained, "Interlock unclean-end of bench e2e has tripped", "flowlabctl interlocks reset"))
