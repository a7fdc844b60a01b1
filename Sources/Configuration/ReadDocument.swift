import CTomlPlusPlus
import FoundationEssentials
import Glibc
import Wire

/// A line longer than this is not a bench file's; it also bounds how deep dotted keys can nest.
private let maximumLineBytes = 4096

/// The text of a file of at most `BenchFile.maximumBytes`.
func readText(_ path: String) throws(ConfigurationError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw unreadable(path) }
        if count == 0 { break }
        bytes += chunk[..<count]
        guard bytes.count <= BenchFile.maximumBytes else {
            throw .unreadable(
                file: path, detail: "longer than \(BenchFile.maximumBytes) bytes; is this the right file?")
        }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .unreadable(file: path, detail: "not UTF-8 text; save it as UTF-8")
    }
    return text
}

func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

private func unreadable(_ path: String) -> ConfigurationError {
    let code = errno
    let reason = String(cString: strerror(code))
    let hint =
        switch code {
        case ENOENT: "check the path"
        case EACCES: "let the daemon's user read it (chown, chmod)"
        default: "check the file and its disk"
        }
    return .unreadable(file: path, detail: "cannot be read: \(reason) (errno \(code)); \(hint)")
}

/// Parses TOML; throws `.syntax` with the place.
func parseDocument(_ text: String, name: String) throws(ConfigurationError) -> Document {
    try checkLines(text, name)
    var failure = flowlab_toml_error()
    var text = text
    let json = text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { characters -> Data? in
            // The parser is given an address even for no bytes at all.
            var none: CChar = 0
            guard
                let json = characters.baseAddress.map({ flowlab_toml_to_json($0, UInt(characters.count), &failure) })
                    ?? flowlab_toml_to_json(&none, 0, &failure)
            else { return nil }
            defer { flowlab_toml_free(json) }
            return Data(bytes: json, count: strlen(json))
        }
    }
    guard let json else { throw syntax(failure, name) }
    do {
        let parts = try JSONDecoder().decode(DocumentParts.self, from: json)
        return Document(root: parts.values, lines: parts.lines, unused: parts.unused)
    } catch {
        throw .syntax(file: name, line: 0, column: 0, detail: "the text could not be taken over: \(error)")
    }
}

private struct DocumentParts: Decodable {
    let values: [String: JSONValue]
    let lines: [String: Int]
    let unused: [String: String]
}

private func checkLines(_ text: String, _ name: String) throws(ConfigurationError) {
    guard text.utf8.count <= BenchFile.maximumBytes else {
        throw .unreadable(file: name, detail: "longer than \(BenchFile.maximumBytes) bytes; is this the right file?")
    }
    for (index, line) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
    where line.count > maximumLineBytes {
        throw .syntax(
            file: name, line: index + 1, column: maximumLineBytes, detail: "line longer than \(maximumLineBytes) bytes")
    }
}

private func syntax(_ failure: flowlab_toml_error, _ name: String) -> ConfigurationError {
    var failure = failure
    let message = withUnsafeBytes(of: &failure.message) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return .syntax(file: name, line: Int(failure.line), column: Int(failure.column), detail: message)
}
