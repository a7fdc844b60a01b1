import ControlAPI
import DeviceModel
import Quantities

/// Readings as `signals.read` answers them, as `SignalsRead.Result` would be written: all but their ages, which alone
/// depend on when they are asked for.
struct ReadingsText {
    private let text: [UInt8]
    /// Where in the text the age of a reading stands that was taken then.
    private let ages: [(place: Int, at: WireInstant)]

    init(_ readings: [Reading]) {
        var ages: [(place: Int, at: WireInstant)] = []
        var json = JSONWriter(capacity: 32 + 192 * readings.count)
        json.beginObject()
        json.name("readings")
        json.beginObject()
        for reading in readings {
            json.name(reading.signal.text)
            json.beginObject()
            json.name("age_s")
            ages.append((json.count, reading.at.wire))
            Self.write(reading, to: &json)
            json.endObject()
        }
        json.endObject()
        json.endObject()
        text = json.encoded.bytes
        self.ages = ages
    }

    private static func write(_ reading: Reading, to json: inout JSONWriter) {
        json.name("bench_s")
        json.value(reading.at.bench.seconds)
        json.name("quality")
        json.value(reading.quality.rawValue)
        json.name("time")
        json.value(reading.at.wall.rfc3339)
        json.name("unit")
        json.value(reading.unit.rawValue)
        json.name("value")
        json.value(reading.quality == .bad ? nil : reading.value)
    }

    func append(to out: inout [UInt8], at now: Moment) {
        var written = 0
        for (place, at) in ages {
            out += text[written..<place]
            JSONWriter.append((now.wire - at).seconds, to: &out)
            written = place
        }
        out += text[written...]
    }

    func json(at now: Moment) -> EncodedJSON {
        var out: [UInt8] = []
        out.reserveCapacity(text.count + 24 * ages.count)
        append(to: &out, at: now)
        return EncodedJSON(bytes: out)
    }
}
