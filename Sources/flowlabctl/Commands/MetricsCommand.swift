import ControlAPI
import ControlClient

extension Command {
    static let metrics = Command(
        "metrics", "How the daemon itself is doing, as Prometheus reads it: its loop, mailboxes and links.",
        examples: ["metrics", "metrics >/var/lib/prometheus/node-exporter/flowlab.prom.new"],
        notes: "Text exposition format, base units; counters begin with the daemon."
    ) { (context) throws(Failure) in
        try context.ask(SystemInfo.self, Empty()) { Terminal.write(PrometheusText.page($0)) }
    }
}
