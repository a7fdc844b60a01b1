import Wire

/// A parameter of a Bronkhorst instrument, and how it travels. Source: the database of the vendor's own client
/// `bronkhorst-propar` 1.3.0 (process, number, type); the manual of the EL-FLOW series has the same.
enum ProParParameter: UInt8, Hashable, Sendable, CaseIterable {
    // The raw value is the sequence number that a question for it carries, and its answer carries back.
    case serial = 1
    case capacity, unit, fluid, measure, setPoint, mode

    enum Form: UInt8, Sendable {
        case byte = 0x00
        case word = 0x20
        case float = 0x40
        case text = 0x60
    }

    var process: UInt8 {
        switch self {
        case .serial: 113
        case .capacity, .unit, .fluid, .measure, .setPoint, .mode: 1
        }
    }

    /// Its number within the process, with its form in the upper bits.
    var index: UInt8 {
        switch self {
        case .serial: 3 | Form.text.rawValue
        case .capacity: 13 | Form.float.rawValue
        case .unit: 31 | Form.text.rawValue
        case .fluid: 17 | Form.text.rawValue
        case .measure: 0 | Form.word.rawValue
        case .setPoint: 1 | Form.word.rawValue
        case .mode: 4 | Form.byte.rawValue
        }
    }

    /// Of a text that is asked for: what it holds at most; 0: as much as there is, ended by a zero.
    var textLength: UInt8? {
        switch self {
        case .serial: 0
        case .unit: 7
        case .fluid: 10
        case .capacity, .measure, .setPoint, .mode: nil
        }
    }

    var words: String {
        switch self {
        case .serial: "serial number"
        case .capacity: "capacity"
        case .unit: "capacity unit"
        case .fluid: "fluid"
        case .measure: "measured flow"
        case .setPoint: "set point"
        case .mode: "control mode"
        }
    }
}

enum ProParQuestion: Hashable, Sendable {
    case read(ProParParameter)
    /// In 32000ths of the capacity.
    case writeSetPoint(UInt16)
    case writeMode(UInt8)

    var parameter: ProParParameter {
        switch self {
        case .read(let parameter): parameter
        case .writeSetPoint: .setPoint
        case .writeMode: .mode
        }
    }

    /// A write has numbers of its own: a late answer to a read is none to it.
    var sequence: UInt8 {
        switch self {
        case .read(let parameter): parameter.rawValue
        case .writeSetPoint: 0x40
        case .writeMode: 0x41
        }
    }

    var words: String {
        switch self {
        case .read(let parameter): "the question for its \(parameter.words)"
        case .writeSetPoint(let counts): "a set point of \(counts) of 32000"
        case .writeMode(let mode): "control mode \(mode)"
        }
    }
}

enum ProParAnswer: Hashable, Sendable {
    case text(String)
    case float(Double)
    case word(UInt16)
    case byte(UInt8)
    /// A write was taken.
    case taken
    /// It declined, and why.
    case declined(String)
}

/// ProPar in its binary form: 10 02, then sequence, node, length and data, in which each 10 is doubled, then 10 03. Source:
/// `bronkhorst-propar` 1.3.0, and its bytes on a serial line.
enum ProParCodec {
    private static let mark: UInt8 = 0x10
    private static let start: UInt8 = 0x02
    private static let end: UInt8 = 0x03
    /// Whatever node is there: for a line with one instrument.
    static let anyNode: UInt8 = 0x80

    private enum Command {
        static let status: UInt8 = 0
        static let writeWithStatus: UInt8 = 1
        static let write: UInt8 = 2
        static let request: UInt8 = 4
    }

    static func frame(_ question: ProParQuestion, node: UInt8) -> [UInt8] {
        let data = data(of: question)
        let content = [question.sequence, node, UInt8(data.count)] + data
        return [mark, start] + content.flatMap { $0 == mark ? [$0, $0] : [$0] } + [mark, end]
    }

    private static func data(of question: ProParQuestion) -> [UInt8] {
        let parameter = question.parameter
        switch question {
        case .read:
            // Where the answer shall put it, and what is asked for; a text with the length that is wanted.
            let asked = [parameter.process, parameter.index, parameter.process, parameter.index]
            return [Command.request] + asked + (parameter.textLength.map { [$0] } ?? [])
        case .writeSetPoint(let counts):
            let bytes = [UInt8(counts >> 8), UInt8(truncatingIfNeeded: counts)]
            return [Command.writeWithStatus, parameter.process, parameter.index] + bytes
        case .writeMode(let mode): return [Command.writeWithStatus, parameter.process, parameter.index, mode]
        }
    }

    // MARK: Answers

    static func read(_ bytes: [UInt8], answering question: ProParQuestion, node: UInt8) -> DialogueReply<ProParAnswer> {
        guard let begin = bytes.firstIndex(of: mark) else { return bytes.isEmpty ? .partial : .noise(bytes.count) }
        guard begin == 0 else { return .noise(begin) }
        guard bytes.count > 1 else { return .partial }
        guard bytes[1] == start else { return .noise(1) }
        var content: [UInt8] = []
        var position = 2
        while position < bytes.count {
            guard bytes[position] == mark else {
                content.append(bytes[position])
                position += 1
                // A length has one byte.
                if content.count > 258 { return .noise(position) }
                continue
            }
            guard position + 1 < bytes.count else { return .partial }
            switch bytes[position + 1] {
            case mark: content.append(mark)
            case end: return answer(content, position + 2, to: question, node: node)
            // A frame that was broken off.
            default: return .noise(position)
            }
            position += 2
        }
        return .partial
    }

    private static func answer(
        _ content: [UInt8], _ length: Int, to question: ProParQuestion, node: UInt8
    ) -> DialogueReply<ProParAnswer> {
        guard content.count > 3, Int(content[2]) == content.count - 3 else { return .wrong(hex(content)) }
        guard content[0] == question.sequence, node == anyNode || content[1] == node else { return .noise(length) }
        let data = Array(content[3...])
        // One byte alone is an error of the network.
        if data.count == 1 { return .answer(.declined("network error \(data[0])"), length) }
        switch data[0] {
        case Command.status:
            guard data[1] != 0 else {
                if case .read = question { return .wrong(hex(content)) }
                return .answer(.taken, length)
            }
            return .answer(.declined(status(data[1])), length)
        case Command.write:
            guard case .read(let parameter) = question, data.count > 3,
                data[1] == parameter.process, data[2] == parameter.index,
                let value = value(Array(data[3...]), of: parameter)
            else { return .wrong(hex(content)) }
            return .answer(value, length)
        default: return .wrong(hex(content))
        }
    }

    private static func value(_ bytes: [UInt8], of parameter: ProParParameter) -> ProParAnswer? {
        switch ProParParameter.Form(rawValue: parameter.index & 0x60) {
        case .byte: return bytes.count == 1 ? .byte(bytes[0]) : nil
        case .word: return bytes.count == 2 ? .word(UInt16(bytes[0]) << 8 | UInt16(bytes[1])) : nil
        case .float:
            guard bytes.count == 4 else { return nil }
            let value = Double(Float(bitPattern: bytes.reduce(0) { $0 << 8 | UInt32($1) }))
            return value.isFinite ? .float(value) : nil
        case .text: return text(bytes).map { .text($0) }
        case nil: return nil
        }
    }

    /// Its length, then so many characters, padded with blanks; or length 0, and a zero at its end.
    private static func text(_ bytes: [UInt8]) -> String? {
        guard let length = bytes.first else { return nil }
        let rest = bytes.dropFirst()
        guard length == 0 ? rest.last == 0 : rest.count == Int(length) else { return nil }
        let shown = rest.prefix { $0 != 0 }
        guard shown.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
        return String(decoding: shown, as: UTF8.self).split(separator: " ").joined(separator: " ")
    }

    /// Source: the status codes of `bronkhorst-propar`.
    private static func status(_ code: UInt8) -> String {
        switch code {
        case 1: "status 1 (process is claimed)"
        case 2: "status 2 (unknown command)"
        case 3: "status 3 (unknown process)"
        case 4: "status 4 (unknown parameter)"
        case 5: "status 5 (wrong type)"
        case 6: "status 6 (wrong value)"
        case 8: "status 8 (timeout in start character)"
        case 9: "status 9 (timeout on the line)"
        case 13: "status 13 (read only)"
        case 17: "status 17 (write only)"
        case 25: "status 25 (no answer)"
        default: "status \(code)"
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.prefix(24).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined(separator: " ")
    }
}
