extension ProtocolDictionary {
    /// Version, hash, limits, and the list of requests.
    var swiftDictionary: String {
        var text = SwiftText()
        text.comment("The dictionary that this was built with: version, hash, limits and messages.")
        text.add("public enum BoardDictionary {")
        text.add("public static let version: UInt8 = \(version)", indent: 4)
        text.comment("A board that says the same in its `hello` means the same by each byte.", indent: 4)
        let digits = hash.hexadecimal.lowercased()
        text.add("public static let hash: UInt32 = 0x\(digits.prefix(4))_\(digits.suffix(4))", indent: 4)
        for constant in constants {
            text.add()
            text.comment(SwiftName.sentence(constant.meaning), indent: 4)
            text.add("public static let \(SwiftName.property(constant.name)) = \(constant.value)", indent: 4)
        }
        text.add()
        text.add("public static let requests: [any BoardRequest.Type] = [", indent: 4)
        for request in requests { text.add("\(SwiftName.type(request.name))Request.self,", indent: 8) }
        text.add("]", indent: 4)
        text.add()
        text.add("public static let events: [any BoardMessage.Type] = [", indent: 4)
        for event in events { text.add("\(event.swiftType).self,", indent: 8) }
        text.add("]", indent: 4)
        text.add("}")
        return text.text
    }

    func swift(enumeration choices: Choices) -> String {
        var text = SwiftText()
        text.comment("`\(choices.name)` of the dictionary.")
        text.add("public enum \(SwiftName.choices(choices.name)): BoardCode {")
        for choice in choices.values { text.add("case \(SwiftName.property(choice.name))", indent: 4) }
        text.comment("A code that the dictionary does not have.", indent: 4)
        text.add("case other(UInt8)", indent: 4)
        text.add()
        text.add("public init(code: UInt8) {", indent: 4)
        text.add("switch code {", indent: 8)
        for choice in choices.values {
            text.add("case \(choice.value): self = .\(SwiftName.camel(choice.name))", indent: 8)
        }
        text.add("default: self = .other(code)", indent: 8)
        text.close()
        text.add()
        text.add("public var code: UInt8 {", indent: 4)
        text.add("switch self {", indent: 8)
        for choice in choices.values {
            text.add("case .\(SwiftName.camel(choice.name)): \(choice.value)", indent: 8)
        }
        text.add("case .other(let code): code", indent: 8)
        text.close()
        text.add()
        text.comment("As the dictionary spells it.", indent: 4)
        text.add("public var name: String {", indent: 4)
        text.add("switch self {", indent: 8)
        for choice in choices.values {
            text.add("case .\(SwiftName.camel(choice.name)): \"\(choice.name)\"", indent: 8)
        }
        text.add("case .other(let code): \"\\(code)\"", indent: 8)
        text.close()
        text.add()
        let known = choices.values.map { ".\(SwiftName.camel($0.name))" }
        text.list("public static let known: [\(SwiftName.choices(choices.name))] = [", known, "]", indent: 4)
        text.add("}")
        return text.text
    }

    func swift(flags choices: Choices) -> String {
        let name = SwiftName.flags(choices.name)
        var text = SwiftText()
        text.comment("Flags of `\(choices.name)`.")
        text.add("public struct \(name): OptionSet, Hashable, Sendable {")
        text.add("public let rawValue: UInt8", indent: 4)
        text.add()
        text.add("public init(rawValue: UInt8) { self.rawValue = rawValue }", indent: 4)
        text.add()
        for choice in choices.values {
            text.add(
                "public static let \(SwiftName.property(choice.name)) = \(name)(rawValue: \(choice.value))", indent: 4)
        }
        text.add("}")
        return text.text
    }
}

extension SwiftText {
    /// Of a switch and its function.
    fileprivate mutating func close() {
        add("}", indent: 8)
        add("}", indent: 4)
    }
}
