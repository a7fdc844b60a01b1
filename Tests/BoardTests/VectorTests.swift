import BoardProtocol
import DictionaryTables
import FoundationEssentials
import Testing
import Wire

/// `firmware-protocol/vectors`, which were made by a program that knows neither side. The format is in README.md there.
@Suite struct VectorTests {
    @Test func sumsAndStuffing() throws {
        let vectors = try vectors("frames.json")
        for item in try #require(vectors["crc"]?.items) {
            let sum = CRC16(try #require(item["bytes"]?.bytes)).value
            #expect(.integer(Int64(sum)) == item["crc"])
        }
        for item in try #require(vectors["cobs"]?.items) {
            let decoded = try #require(item["decoded"]?.bytes)
            let encoded = try #require(item["encoded"]?.bytes)
            #expect(COBS.decode(encoded) == decoded)
            if item["only_decode"] != .bool(true) { #expect(COBS.encode(decoded) == encoded) }
        }
    }

    @Test func requestsAreTheseBytes() throws {
        let frames = try #require(try vectors("frames.json")["frames"]?.items)
        #expect(frames.count >= BoardDictionary.requests.count)
        for item in frames {
            let type = try #require(BoardDictionary.requests.first { $0.name == item["message"]?.text })
            let bytes = try #require(item["frame"]?.bytes)
            let frame = try #require(oneFrame(bytes))
            #expect(.integer(Int64(frame.type)) == item["type"])
            #expect(frame.payload == item["payload"]?.bytes)
            #expect(frame.body == item["body"]?.bytes)
            #expect(frame.bytes == bytes)
            try compare(type, frame, item)
        }
    }

    @Test func whatIsNoRequestIsNotTaken() throws {
        let bad = try #require(try vectors("frames.json")["bad"]?.items)
        #expect(bad.count > 5)
        for item in bad {
            var reader = BoardFrameReader()
            let frames = reader.frames(in: try #require(item["frame"]?.bytes))
            #expect(frames.allSatisfy { !$0.isRequest }, "\(item["reason"]?.text ?? "")")
            #expect(reader.dropped + frames.count > 0, "\(item["reason"]?.text ?? "")")
        }
    }

    /// What the host says is encoded to these bytes; what the board says is understood as it is told there.
    @Test func conversations() throws {
        let conversations = try #require(try vectors("conversations.json")["conversations"]?.items)
        var compared = 0
        for step in conversations.flatMap({ $0["steps"]?.items ?? [] }) {
            guard let bytes = step["hex"]?.bytes, let told = step["host"] ?? step["board"],
                let name = told["message"]?.text,
                told["fields"] != nil || told["status"] != nil
            else { continue }
            let frame = try #require(oneFrame(bytes))
            #expect(frame.bytes == bytes)
            #expect(.integer(Int64(frame.sequence)) == told["sequence"])
            let request = BoardDictionary.requests.first { $0.name == name }
            if let event = BoardDictionary.events.first(where: { $0.name == name }), frame.isEvent {
                try compare(event, frame, told)
                #expect(BoardEvent(frame)?.message.payload == frame.payload)
            } else if let request, frame.isRequest {
                try compare(request, frame, told)
            } else if let request {
                try compareAnswer(request, frame, told)
            } else {
                #expect(name == "unknown")
            }
            compared += 1
        }
        print("\(compared) frames of \(conversations.count) conversations")
        #expect(compared > 100)
    }

    private func vectors(_ name: String) throws -> JSONValue {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let data = try #require(FileManager.default.contents(atPath: "\(root)/firmware-protocol/vectors/\(name)"))
        return try JSONDecoder().decode(JSONValue.self, from: data)
    }

    private func oneFrame(_ bytes: [UInt8]) -> BoardFrame? {
        var reader = BoardFrameReader()
        let frames = reader.frames(in: bytes)
        return frames.count == 1 ? frames[0] : nil
    }

    private func compare<Message: BoardMessage>(
        _ type: Message.Type, _ frame: BoardFrame, _ told: JSONValue
    ) throws {
        #expect(frame.type == Message.type)
        let message = try #require(Message(payload: frame.payload))
        try compare(message, told)
        #expect(BoardFrame(sequence: frame.sequence, message) == frame, "\(message)")
    }

    private func compareAnswer<Request: BoardRequest>(
        _ type: Request.Type, _ frame: BoardFrame, _ told: JSONValue
    ) throws {
        let reply = try #require(Request.reply(in: frame))
        switch reply {
        case .answered(let answer):
            #expect(told["status"] == .string("ok"))
            try compare(answer, told)
        case .refused(let status): #expect(told["status"] == .string(status.name))
        case .malformed(let payload): Issue.record("\(type): \(payload)")
        }
    }

    /// Each property against the field of the same name.
    private func compare(_ fields: some BoardFields, _ told: JSONValue) throws {
        guard case .object(let wanted) = try #require(told["fields"]) else { return }
        let properties = Dictionary(
            uniqueKeysWithValues: Mirror(reflecting: fields).children.map { ($0.label ?? "", $0.value) })
        let names = wanted.keys.filter { $0 != "padding" }
        #expect(Set(names.map(SwiftName.camel)) == Set(properties.keys))
        for name in names {
            let value = try #require(properties[SwiftName.camel(name)])
            let wire: JSONValue =
                switch value {
                case let code as any BoardCode: .integer(Int64(code.code))
                case let bytes as [UInt8]: .string(hexadecimal(bytes))
                case let flags as ReadFlags: .integer(Int64(flags.rawValue))
                case let number as any FixedWidthInteger: .integer(Int64(number))
                default: .null
                }
            #expect(wire == wanted[name], "\(name) of \(fields)")
        }
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

extension JSONValue {
    fileprivate var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }

    /// Of a string of hexadecimal digits.
    fileprivate var bytes: [UInt8]? {
        guard let digits = text?.compactMap(\.hexDigitValue), digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
