import BoardProtocol
import DictionaryTables
import FoundationEssentials
import Testing
import Wire

private let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")

private func contents(_ path: String) -> String? {
    FileManager.default.contents(atPath: "\(root)/\(path)").map { String(decoding: $0, as: UTF8.self) }
}

private func dictionaryJSON() throws -> JSONValue {
    let text = try #require(contents("firmware-protocol/dictionary.json"))
    return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
}

@Suite struct DictionaryTests {
    @Test func generatedFilesAreCurrent() throws {
        let folder = GeneratedFile.swiftFolder
        let present = try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").map { "\(folder)/\($0)" }
        let differences = GeneratedFile.differences(
            of: try ProtocolDictionary(dictionaryJSON()), present: present, read: contents)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }

    @Test func aFileThatIsOldOrLeftIsNamedWithItsRemedy() throws {
        let dictionary = try ProtocolDictionary(dictionaryJSON())
        let differences = GeneratedFile.differences(
            of: dictionary, present: ["Sources/BoardProtocol/Generated/GoneRequest.swift"]
        ) { $0 == GeneratedFile.headerPath ? "old" : contents($0) }
        #expect(
            differences == [
                "firmware-protocol/core/include/flowlab_messages.h is not what dictionary.json says; run make dictionary",
                "Sources/BoardProtocol/Generated/GoneRequest.swift belongs to nothing in dictionary.json; run make dictionary",
            ])
        let none = GeneratedFile.differences(of: dictionary, present: []) { _ in nil }
        #expect(none.allSatisfy { $0.hasSuffix("is missing; run make dictionary") })
    }

    /// Values of the FNV authors' test suite.
    @Test(arguments: [("", 0x811c_9dc5), ("a", 0xe40c_292c), ("foobar", 0xbf9c_f968)] as [(String, UInt32)])
    func fnvKnownValues(text: String, hash: UInt32) {
        #expect(fnv1a(text.utf8) == hash)
    }

    @Test func theHashIsOverNamesTypesAndNumbersAndNoWords() throws {
        let json = try dictionaryJSON()
        let dictionary = try ProtocolDictionary(json)
        #expect(BoardDictionary.hash == dictionary.hash)
        let lines = dictionary.canonicalLines
        #expect(lines.first == "protocol \(BoardDictionary.version)")
        #expect(lines.contains("constant body_max 69"))
        #expect(lines.contains("enum state fault 3"))
        #expect(lines.contains("flag read sensor_fault 4"))
        #expect(lines.contains("request clock 3 padding:bytes9 -> received:u32 sent:u32"))
        #expect(lines.contains("request configure_begin 5 ->"))
        #expect(lines.last == "event input 196 channel:u8 level:u8 time:u32")
        let other = try ProtocolDictionary(json.changed(["requests", "4", "meaning"], .string("in other words")))
        #expect(other.hash == dictionary.hash)
        let changed = try ProtocolDictionary(json.changed(["enums", "fault", "sensor"], .integer(77)))
        #expect(changed.hash != dictionary.hash)
    }

    @Test(
        arguments: [
            (["protocol"], .integer(0), "protocol: expected a whole number of 1 to 255"),
            (["requests", "1", "type"], .integer(1), "type 1: two messages have it"),
            (["requests", "1", "name"], .string("hello"), "message hello: two have this name"),
            (["requests", "1", "name"], .string("Beat"), "requests: \"Beat\" is no name"),
            (["requests", "4", "type"], .integer(0x40), "request configure_begin: expected a whole number of 1 to 63"),
            (["events", "0", "type"], .integer(0x80), "event booted: expected a whole number of 192 to 255"),
            (["requests", "3", "fields", "0", "1"], .string("u64"), "field channel: the type \"u64\" is not known"),
            (["requests", "3", "answer", "1", "1"], .string("bytes60"), "answer to describe: 68 bytes, at most 64"),
            (
                ["requests", "2", "fields", "0", "1"], .string("bytes8"),
                "request clock: 8 bytes, its answer with the status 9"
            ),
            (
                ["requests", "0", "answer", "1", "2"], .string("enum bord"),
                "answer to hello, field board: expected a u8"
            ),
            (["requests", "0", "answer", "5", "2"], .string("enum kind"), "field capabilities: expected a u8"),
            (["requests", "0", "answer", "1", "0"], .string("protocol"), "two fields are named protocol"),
            (["requests", "19", "fields", "0", "1"], .string("rest"), "only the last field may be rest"),
            (["enums", "fault", "sensor"], .integer(3), "fault: two have the value 3"),
            (["enums", "fault", "sensor"], .integer(256), "enum fault, sensor: expected a whole number of 0 to 255"),
            (["enums", "status", "ok"], .integer(50), "status: nothing has the value 0"),
            (["flags", "read", "homed"], .integer(3), "read, homed: 3 is not one bit"),
            (["constants", "body_max", "value"], .integer(70), "constant body_max: expected 69"),
            (["constants", "body_max", "meaning"], .string("a */ b"), "expected a meaning: one line, without */"),
        ] as [([String], JSONValue, String)])
    func aDictionaryThatCannotBeIsRefused(path: [String], value: JSONValue, detail: String) throws {
        let json = try dictionaryJSON().changed(path, value)
        let error = #expect(throws: DictionaryError.self) { try ProtocolDictionary(json) }
        #expect(error?.description.contains(detail) == true, "\(error?.description ?? "taken")")
    }
}

extension JSONValue {
    /// With the value at a path of keys and indices replaced.
    fileprivate func changed(_ path: [String], _ value: JSONValue) -> JSONValue {
        guard let first = path.first else { return value }
        let rest = Array(path.dropFirst())
        switch self {
        case .object(var members):
            members[first] = (members[first] ?? .null).changed(rest, value)
            return .object(members)
        case .array(var items):
            guard let index = Int(first), items.indices.contains(index) else { return self }
            items[index] = items[index].changed(rest, value)
            return .array(items)
        case .null, .bool, .integer, .number, .string: return value
        }
    }
}
