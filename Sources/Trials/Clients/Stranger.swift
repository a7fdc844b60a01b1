import ControlAPI
import Experiments
import Quantities
import VirtualBench
import Wire

/// Means no good, or knows no better: what it writes must harm nobody.
final class Stranger: SimulatedClient {
    override func pause() -> WireDuration { generator.span(0.5, 20) }

    override func turn(_ trial: Trial) {
        guard let connection = connection else {
            connect(trial)
            return
        }
        switch generator.integer(9) {
        case 0: say(garbage(), on: connection.number, trial)
        case 1: say(.bytes(Array("{\"jsonrpc\":\"2.0\",\"id\":".utf8)), on: connection.number, trial)
        case 2: say(.bytes([UInt8](repeating: 0x78, count: 1 << 19)), on: connection.number, trial)
        case 3: storm(trial)
        case 4: say(.halfClose, on: connection.number, trial)
        case 5: hangUp(connection.number, trial)
        case 6: batch(connection, trial)
        case 7: overreach(connection, trial)
        default: connection.isReading.toggle()
        }
    }

    private func garbage() -> ClientConnection.Words {
        .bytes((0..<(1 + generator.integer(4000))).map { _ in UInt8(truncatingIfNeeded: generator.next()) } + [0x0A])
    }

    /// Many at once, most of which say nothing.
    private func storm(_ trial: Trial) {
        if connections.count > 100 {
            for number in connections.keys.sorted() { hangUp(number, trial) }
            return
        }
        for _ in 0..<(10 + generator.integer(60)) { connect(trial) }
    }

    private func batch(_ connection: ClientConnection, _ trial: Trial) {
        let one = "{\"jsonrpc\":\"2.0\",\"method\":\"signals.list\",\"params\":{}}"
        let many = Array(repeating: one, count: 1 + generator.integer(80)).joined(separator: ",")
        say(.bytes(Array("[\(many)]\n".utf8)), on: connection.number, trial)
    }

    /// What its role forbids, or what is nonsense.
    private func overreach(_ connection: ClientConnection, _ trial: Trial) {
        let lines = [
            "{\"jsonrpc\":\"2.0\",\"method\":\"interlocks.reset\",\"params\":{\"interlock\":\"safe-state\"}}",
            "{\"jsonrpc\":\"2.0\",\"method\":\"heaters.set\",\"params\":{\"device\":\"heater\",\"temperature_c\":160}}",
            "{\"jsonrpc\":\"2.0\",\"method\":\"pumps.start\",\"params\":{\"device\":\"cui\",\"flow_ul_min\":1e308,\"volume_ul\":-1}}",
            "{\"jsonrpc\":\"2.0\",\"method\":\"experiments.submit\",\"params\":{\"recipe\":{\"kind\":\"flows\"}}}",
            "{\"jsonrpc\":\"2.0\",\"method\":\"maintenance.enter\",\"params\":{\"person\":\"x\",\"reason\":\"y\"}}",
            "{\"jsonrpc\":\"2.0\",\"method\":\"events.subscribe\",\"params\":{\"topics\":[\"signals:*\"]}}",
        ]
        say(.bytes(Array((lines[generator.integer(lines.count)] + "\n").utf8)), on: connection.number, trial)
    }
}
