extension ProtocolDictionary {
    /// A request with its answer inside.
    func swift(_ request: Request) -> String {
        var text = SwiftText()
        text.comment(SwiftName.sentence(request.meaning))
        text.add("public struct \(SwiftName.type(request.name))Request: BoardRequest {")
        text.addIdentity(request.name, request.type)
        text.addBody(request.fields, indent: 4)
        text.add()
        if request.answer.isEmpty {
            text.comment("Says nothing but ok.", indent: 4)
            text.add("public typealias Answer = EmptyAnswer", indent: 4)
        } else {
            text.comment("What follows the status ok.", indent: 4)
            text.add("public struct Answer: BoardFields {", indent: 4)
            text.addBody(request.answer, indent: 8, isFirst: true)
            text.add("}", indent: 4)
        }
        text.add("}")
        return text.text
    }

    /// All events, and what may be any of them.
    var swiftEvents: String {
        var text = SwiftText()
        text.comment("What a board says unasked.")
        text.add("public enum BoardEvent: Hashable, Sendable {")
        for event in events { text.add("case \(SwiftName.property(event.name))(\(event.swiftType))", indent: 4) }
        text.add()
        text.comment("Nil for a type that is no event of this dictionary, and for another length.", indent: 4)
        text.add("public init?(type: UInt8, payload: ArraySlice<UInt8>) {", indent: 4)
        text.add("switch type {", indent: 8)
        for event in events {
            text.add("case \(event.swiftType).type:", indent: 8)
            text.add("guard let event = \(event.swiftType)(payload: payload) else { return nil }", indent: 12)
            text.add("self = .\(SwiftName.camel(event.name))(event)", indent: 12)
        }
        text.add("default: return nil", indent: 8)
        text.add("}", indent: 8)
        text.add("}", indent: 4)
        text.add()
        text.add("public var message: any BoardMessage {", indent: 4)
        text.add("switch self {", indent: 8)
        for event in events { text.add("case .\(SwiftName.camel(event.name))(let event): event", indent: 8) }
        text.add("}", indent: 8)
        text.add("}", indent: 4)
        text.add("}")
        for event in events {
            text.add()
            text.comment(SwiftName.sentence(event.meaning))
            text.add("public struct \(event.swiftType): BoardMessage {")
            text.addIdentity(event.name, event.type)
            text.addBody(event.fields, indent: 4)
            text.add("}")
        }
        return text.text
    }
}

extension ProtocolDictionary.Event {
    var swiftType: String { "\(SwiftName.type(name))Event" }
}

extension SwiftText {
    fileprivate mutating func addIdentity(_ name: String, _ type: UInt8) {
        add("public static let name = \"\(name)\"", indent: 4)
        add("public static let type: UInt8 = 0x\(type < 16 ? "0" : "")\(String(type, radix: 16))", indent: 4)
    }

    /// Properties, and both ways between them and a payload.
    fileprivate mutating func addBody(
        _ fields: [ProtocolDictionary.Field], indent: Int, isFirst: Bool = false
    ) {
        let kept = fields.filter { !$0.isPadding }
        if !isFirst, !kept.isEmpty { add() }
        for field in kept {
            comment(field.swiftComment, indent: indent)
            add("public var \(field.swiftName): \(field.swiftType)", indent: indent)
        }
        add()
        addInitializer(kept, indent: indent)
        add()
        add("public init?(payload: ArraySlice<UInt8>) {", indent: indent)
        let isGood = fields.hasRest ? "payload.count >= \(fields.size)" : "payload.count == \(fields.size)"
        add("guard \(isGood) else { return nil }", indent: indent + 4)
        if !kept.isEmpty { add("var reader = PayloadReader(payload)", indent: indent + 4) }
        for field in kept { add(field.swiftReading, indent: indent + 4) }
        add("}", indent: indent)
        add()
        guard !fields.isEmpty else { return add("public var payload: [UInt8] { [] }", indent: indent) }
        add("public var payload: [UInt8] {", indent: indent)
        add("var writer = PayloadWriter()", indent: indent + 4)
        for field in fields { add(field.swiftWriting, indent: indent + 4) }
        add("return writer.bytes", indent: indent + 4)
        add("}", indent: indent)
    }

    private mutating func addInitializer(_ fields: [ProtocolDictionary.Field], indent: Int) {
        guard !fields.isEmpty else { return add("public init() {}", indent: indent) }
        list("public init(", fields.map { "\($0.swiftName): \($0.swiftType)" }, ") {", indent: indent)
        for field in fields { add("self.\(SwiftName.camel(field.name)) = \(field.swiftName)", indent: indent + 4) }
        add("}", indent: indent)
    }
}
