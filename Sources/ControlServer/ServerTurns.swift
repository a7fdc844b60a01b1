import ControlAPI
import Experiments
import Quantities

/// Lines wait for their turn, so that no client, however much it writes, holds up the others; a line that asks for the safe
/// state waits for nothing.
extension ControlServer {
    /// Lines of all clients in one turn, and their bytes: some milliseconds of work.
    static let linesATurn = 64
    static let bytesATurn = 256 << 10
    /// Lines of one client that may wait before no more is read from it.
    static let linesAhead = 256
    /// What is still heard of a client that has gone.
    static let lastLines = 256

    func take(_ lines: [LineBuffer.Line], from id: ConnectionID, at now: Moment) {
        for line in lines {
            guard let connection = connections[id] else { return }
            if line.isUrgent { handle(line, from: id, at: now) } else { connection.lines.append(line) }
        }
        if connections[id]?.lines.isEmpty == false { withLines.insert(id) }
    }

    /// Whether a line of a client that takes its answers waits.
    public var hasWork: Bool {
        withLines.contains { (connections[$0]?.unwritten ?? .max) < APILimits.outputSoftBytes }
    }

    /// A turn: some lines of each client that has any, beginning after the one that was served last.
    public func work(at now: Moment) -> [ServerEffect] {
        guard !withLines.isEmpty else { return [] }
        let all = withLines.sorted { $0.number < $1.number }
        let next = all.firstIndex { $0.number > lastServed } ?? 0
        let share = max(1, Self.linesATurn / all.count)
        var bytes = 0
        for id in all[next...] + all[..<next] {
            bytes += handleLines(of: id, atMost: share, at: now)
            lastServed = id.number
            sendEvents(to: id)
            closeIfFinished(id)
            if bytes > Self.bytesATurn { break }
        }
        return drain()
    }

    /// The client is gone: what it said last is heard, as far as that is not too much.
    public func hearOut(_ id: ConnectionID, at now: Moment) -> [ServerEffect] {
        _ = handleLines(of: id, atMost: Self.lastLines, at: now)
        return drain()
    }

    /// - Returns: how many bytes they had.
    private func handleLines(of id: ConnectionID, atMost limit: Int, at now: Moment) -> Int {
        var bytes = 0
        for _ in 0..<limit {
            guard let connection = connections[id], connection.unwritten < APILimits.outputSoftBytes,
                let line = connection.lines.popFirst()
            else { break }
            bytes += line.count
            handle(line, from: id, at: now)
        }
        if connections[id]?.lines.isEmpty != false { withLines.remove(id) }
        return bytes
    }

    private func handle(_ line: LineBuffer.Line, from id: ConnectionID, at now: Moment) {
        switch line {
        case .complete(let bytes): handle(bytes, from: id, at: now)
        case .tooLong: refuseLongLine(from: id)
        }
    }

    /// Who has to go when one more comes while only the safe state may be asked for; what it has said must be read first.
    public var nextToClose: ConnectionID? {
        let surplus = connections.filter(\.value.isSurplus).keys
        guard surplus.count >= APILimits.surplusConnections else { return nil }
        return surplus.min { $0.number < $1.number }
    }
}
