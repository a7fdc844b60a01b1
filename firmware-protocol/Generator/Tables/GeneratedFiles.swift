/// What `make dictionary` writes.
public struct GeneratedFile: Hashable, Sendable {
    /// Below the root of the checkout.
    public let path: String
    public let text: String

    public static let swiftFolder = "Sources/BoardProtocol/Generated"
    public static let headerPath = "firmware-protocol/core/include/flowlab_messages.h"

    public static func all(of dictionary: ProtocolDictionary) -> [GeneratedFile] {
        var files = [
            GeneratedFile(path: headerPath, text: dictionary.header),
            swift("BoardDictionary", dictionary.swiftDictionary),
            swift("BoardEvent", dictionary.swiftEvents),
        ]
        files += dictionary.enums.map { swift(SwiftName.choices($0.name), dictionary.swift(enumeration: $0)) }
        files += dictionary.flags.map { swift(SwiftName.flags($0.name), dictionary.swift(flags: $0)) }
        files += dictionary.requests.map { swift("\(SwiftName.type($0.name))Request", dictionary.swift($0)) }
        return files
    }

    private static func swift(_ name: String, _ text: String) -> GeneratedFile {
        GeneratedFile(path: "\(swiftFolder)/\(name).swift", text: text)
    }

    /// What is not as it should be; empty when everything is current.
    ///
    /// - Parameters:
    ///   - present: paths of the Swift files that are there.
    ///   - read: the text of a file, nil where there is none.
    public static func differences(
        of dictionary: ProtocolDictionary, present: [String], read: (String) -> String?
    ) -> [String] {
        let files = all(of: dictionary)
        let remedy = "run make dictionary"
        let changed = files.compactMap { file -> String? in
            guard let text = read(file.path) else { return "\(file.path) is missing; \(remedy)" }
            return text == file.text ? nil : "\(file.path) is not what dictionary.json says; \(remedy)"
        }
        let wanted = Set(files.map(\.path))
        let left = present.filter { !wanted.contains($0) }.sorted()
        return changed + left.map { "\($0) belongs to nothing in dictionary.json; \(remedy)" }
    }
}
