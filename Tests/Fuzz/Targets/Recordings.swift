import DeviceModel
import Drivers
import Experiments
import Quantities
import Recording

extension FuzzTarget {
    /// A segment of the flight recorder: whatever the bytes are, reading comes to an end, and what damage is told lies within
    /// them.
    static let recordings = FuzzTarget(
        "recordings", words: { ["flowlab-rec\n", "{\"daemon\":\"\"}"] },
        recorded: { [Seed(name: "sound", bytes: sound)] }
    ) { (bytes) throws(BrokenPromise) in
        var file = bytes
        // Most inputs shall get past the first bytes.
        if bytes.first == 0xFF { file = RecordingFormat.head + bytes.dropFirst() }
        guard var reader = try? SegmentReader(file, file: "fuzzed", links: ["a", "b"]) else { return }
        var (items, lastDamage) = (0, 0)
        while true {
            let item: SegmentReader.Item?
            do throws(RecordingError) {
                item = try reader.next()
            } catch {
                // A head that is no head: reading goes on behind it.
                item = .damage(at: lastDamage, bytes: 0, what: error.description)
            }
            guard let item else { return }
            if case .damage(let at, let count, _) = item {
                try promise(at >= lastDamage && at + count <= file.count, "damage at \(at), \(count) bytes")
                lastDamage = at
            }
            if case .record(let record, _) = item { _ = RecordLine(record)?.text }
            items += 1
            try promise(items <= file.count, "\(items) items out of \(file.count) bytes")
        }
    }

    private static var sound: [UInt8] {
        let now = Moment(wire: .zero, bench: .zero, wall: .zero)
        var encoder = RecordEncoder(links: ["a", "b"])
        encoder.step(.link("a", .received([1, 2, 3])), [], at: now)
        encoder.step(.link("b", .modbus(ModbusReply(id: 7, outcome: .registers([1, 2])))), [], at: now)
        encoder.step(.clientGone(4), [], at: now)
        return RecordingFormat.head + (encoder.take()?.bytes ?? [])
    }
}
