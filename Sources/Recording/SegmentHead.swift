import ControlAPI
import DeviceModel
import Experiments
import Quantities
import Wire

/// What every segment says of itself, so that each can be read alone.
public struct SegmentHead: Hashable, Sendable, Codable {
    /// The daemon's version.
    public let daemon: String
    public let bench: String
    public let simulated: Bool
    /// Bench seconds a wire second.
    public let clockRate: Double
    /// The same in all segments of one daemon's life.
    public let run: String
    /// The place in that life; 0 is the beginning, and only it holds a `RunStart`.
    public let part: Int
    /// Records tell links by their place in this list.
    public let links: [LinkName]
    /// When the daemon started.
    public let started: Moment

    public init(
        daemon: String, bench: String, simulated: Bool, clockRate: Double, run: String, part: Int, links: [LinkName],
        started: Moment
    ) {
        self.daemon = daemon
        self.bench = bench
        self.simulated = simulated
        self.clockRate = clockRate
        self.run = run
        self.part = part
        self.links = links
        self.started = started
    }

    /// The same for another part.
    public func part(_ part: Int) -> SegmentHead {
        SegmentHead(
            daemon: daemon, bench: bench, simulated: simulated, clockRate: clockRate, run: run, part: part,
            links: links, started: started)
    }

    /// As the first frame of a segment.
    public var frame: [UInt8] { get throws(RecordingError) { try jsonFrame(.head, self, "the head") } }
}

/// What a daemon started from: with it and the inputs, everything it did follows.
public struct RunStart: Sendable, Codable {
    /// The bench file's name and text.
    public let file: String
    public let text: String
    /// The text of the endpoints file, where there was one.
    public let endpoints: String?
    public let restored: RestoredState
    /// When the controller was made, and when it was started.
    public let made: Moment
    public let started: Moment

    public init(
        file: String, text: String, endpoints: String?, restored: RestoredState, made: Moment, started: Moment
    ) {
        self.file = file
        self.text = text
        self.endpoints = endpoints
        self.restored = restored
        self.made = made
        self.started = started
    }

    /// As the second frame of a run's first segment.
    public var frame: [UInt8] { get throws(RecordingError) { try jsonFrame(.start, self, "the start of the run") } }
}

private func jsonFrame(
    _ kind: RecordingFormat.FrameKind, _ value: some Encodable, _ what: String
) throws(RecordingError) -> [UInt8] {
    do throws(EncodedJSON.EncodingFailure) {
        return RecordingFormat.frame(kind, try EncodedJSON(value).bytes)
    } catch {
        throw .unreadable(what: what, detail: error.detail)
    }
}

func decodedJSON<Value: Decodable>(
    _ type: Value.Type, _ bytes: ArraySlice<UInt8>, _ what: String
) throws(RecordingError) -> Value {
    let value: JSONValue
    do throws(JSONSyntaxError) {
        value = try JSONParser.parse(Array(bytes)).value
    } catch {
        throw .unreadable(what: what, detail: error.detail)
    }
    do throws(JSONValue.DecodingFailure) {
        return try value.decoded(as: type)
    } catch {
        throw .unreadable(what: what, detail: error.detail)
    }
}
