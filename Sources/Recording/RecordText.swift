import DeviceModel
import Experiments
import Quantities
import Wire

/// Records as a person reads them.
public enum RecordText {
    /// Longer ones are cut, with the number of bytes that are left out.
    public static let shownBytes = 96

    /// `12.0 "set rate"` and so on: what went out, without time and link.
    public static func text(_ action: RecordedAction, all: Bool = false) -> String {
        switch action {
        case .open: "open"
        case .close: "close"
        case .send(let bytes, let authority): text(bytes, all: all) + text(authority)
        case .modbus(let request, let authority, let urgent):
            text(request) + text(authority) + (urgent ? " (urgent)" : "")
        case .flush(let epoch): "drop what waits from before trip epoch \(epoch)"
        }
    }

    private static func text(_ authority: RecordedAction.Authority) -> String {
        switch authority {
        case .query: ""
        case .permit(let epoch, let makesSafe): makesSafe ? " (makes safe)" : " (permit of epoch \(epoch))"
        }
    }

    /// Text with escapes where it is mostly text, else hexadecimal.
    public static func text(_ bytes: [UInt8], all: Bool = false) -> String {
        let shown = all ? bytes[...] : bytes.prefix(shownBytes)
        let left = bytes.count - shown.count
        let tail = left > 0 ? " +\(left) bytes" : ""
        let isText = shown.allSatisfy { (0x20...0x7E).contains($0) || (0x09...0x0D).contains($0) }
        guard isText else { return "hex \(hex(shown))" + tail }
        return "\"\(shown.map(escaped).joined())\"" + tail
    }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }

    private static func escaped(_ byte: UInt8) -> String {
        switch byte {
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x09: "\\t"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
        case 0x20...0x7E: String(UnicodeScalar(byte))
        default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }

    static func text(_ request: ModbusRequest) -> String {
        let what =
            switch request.operation {
            case .readCoils(let address, let count): "read coils \(address) x\(count)"
            case .readDiscreteInputs(let address, let count): "read discrete inputs \(address) x\(count)"
            case .readHoldingRegisters(let address, let count): "read holding registers \(address) x\(count)"
            case .readInputRegisters(let address, let count): "read input registers \(address) x\(count)"
            case .writeCoil(let address, let on): "write coil \(address) = \(on ? "on" : "off")"
            case .writeRegister(let address, let value): "write register \(address) = \(value)"
            case .writeRegisters(let address, let values): "write registers \(address) = \(list(values))"
            }
        return "modbus #\(request.id) unit \(request.unit) fn \(request.operation.function) \(what)"
    }

    static func text(_ reply: ModbusReply) -> String {
        let what =
            switch reply.outcome {
            case .registers(let values): list(values)
            case .bits(let bits): bits.map { $0 ? "1" : "0" }.joined()
            case .written: "written"
            case .exception(let code): "exception \(code)"
            case .failed(let why): "failed: \(why)"
            case .refusedByTrip: "not written: a trip came first"
            }
        return "modbus #\(reply.id) \(what)"
    }

    /// Numbers, and what two of them are as a float. Which word a device sends first is not in the record: each order that
    /// gives a usual number is told, and named.
    private static func list(_ values: [UInt16]) -> String {
        let plain = "[\(values.map(String.init).joined(separator: " "))]"
        guard values.count == 2 else { return plain }
        let orders = [("high word first", values[0], values[1]), ("low word first", values[1], values[0])]
        let floats = orders.compactMap { order, high, low -> String? in
            let float = Float(bitPattern: UInt32(high) << 16 | UInt32(low))
            return (1e-3...1e6).contains(float.magnitude) ? "\(float) \(order)" : nil
        }
        return floats.isEmpty ? plain : plain + " = " + floats.joined(separator: " or ")
    }
}

/// One line of `flowlabctl recorder show`.
public struct RecordLine: Sendable {
    /// nil: it concerns no link.
    public let link: LinkName?
    /// `->` to the device, `<-` from it, `--` of the daemon itself.
    public let arrow: String
    public let text: String

    public var isGap: Bool { arrow == "--" && text.hasPrefix("GAP") }

    /// nil for what only replaying needs: time that passed, acknowledgements of the archive.
    public init?(_ record: Record, all: Bool = false) {
        switch record {
        case .action(let link, let action): self.init(link, "->", RecordText.text(action, all: all))
        case .gap(let lost, let why): self.init(nil, "--", "GAP: \(lost) records are missing: \(why)")
        case .input(.analysed(let id, _, let unanswered), _):
            self.init(nil, "--", "analysis \(id) \(unanswered.map { "not answered: \($0)" } ?? "done")")
        case .input(.plain(let input), _):
            guard let line = RecordLine(input, all: all) else { return nil }
            self = line
        }
    }

    private init(_ link: LinkName?, _ arrow: String, _ text: String) {
        self.link = link
        self.arrow = arrow
        self.text = text
    }

    private init?(_ input: ControllerInput, all: Bool) {
        switch input {
        case .link(let link, .received(let bytes)): self.init(link, "<-", RecordText.text(bytes, all: all))
        case .link(let link, .modbus(let reply)): self.init(link, "<-", RecordText.text(reply))
        case .link(let link, .opened(let identity)): self.init(link, "--", "open: \(identity)")
        case .link(let link, .closed(let reason)): self.init(link, "--", "closed: \(reason)")
        case .link(let link, .present): self.init(link, "--", "its port is there")
        case .link(_, .deadline), .link(_, .relayed), .time, .archived, .analysed: return nil
        case .request(_, let request, let caller):
            let subject = request.subject.isEmpty ? "" : " \(request.subject)"
            self.init(nil, "--", "\(request.method ?? "a question")\(subject) asked by uid \(caller.uid)")
        case .clientGone(let client): self.init(nil, "--", "client \(client) has gone")
        case .attends(let experiment, let caller): self.init(nil, "--", "uid \(caller.uid) waits for \(experiment)")
        case .archiveFailed(let why): self.init(nil, "--", "the archive cannot write: \(why)")
        case .recorder(let trouble): self.init(nil, "--", "recorder: \(trouble ?? "writes again")")
        case .shutdown(let reason): self.init(nil, "--", "shutdown: \(reason)")
        }
    }
}
