import Configuration
import ControlAPI
import Glibc
import Platform
import Wire

/// The bench file that a daemon was started with, kept in its state directory. When it is dead, these are the devices that
/// may run, whatever has become of the file since: it may be half edited.
struct KeptBench {
    let path: String

    init(state: String) { path = state + "/started-with.json" }

    /// Written anew at each start; one that cannot be written is taken away, so that none of another start is believed.
    func keep(_ source: BenchSource) throws(PlatformError) {
        do throws(PlatformError) {
            try write(Array(json(source).jsonText.utf8))
        } catch {
            unlink(path)
            throw error
        }
    }

    /// nil where there is none, or none that can be read.
    func load() -> BenchSource? {
        guard let text = readWholeFile(path), let json = try? JSONParser.parse(Array(text.utf8)).value,
            let name = json["file"]?.text, let bench = json["text"]?.text
        else { return nil }
        return BenchSource(
            name: name, text: bench, endpointsName: json["endpoints_file"]?.text, endpoints: json["endpoints"]?.text)
    }

    private func json(_ source: BenchSource) -> JSONValue {
        .object([
            "file": .string(absolute(source.name)), "text": .string(source.text),
            "endpoints_file": source.endpointsName.map(JSONValue.string) ?? .null,
            "endpoints": source.endpoints.map(JSONValue.string) ?? .null,
        ])
    }

    private func write(_ bytes: [UInt8]) throws(PlatformError) {
        let unfinished = path + ".new"
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw failure("create", unfinished) }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw failure("write", unfinished)
        }
        guard rename(unfinished, path) == 0 else { throw failure("rename", unfinished) }
    }

    private func failure(_ operation: String, _ subject: String) -> PlatformError {
        .system(operation: operation, subject: subject, errno: errno, hint: "is the disk full?")
    }
}

/// Relative paths in a bench file start at its directory, whatever the next process calls its own.
private func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return "\(String(cString: here))/\(path)"
}

private func readWholeFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var (bytes, chunk): ([UInt8], [UInt8]) = ([], .init(repeating: 0, count: 65_536))
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count == 0 { return String(validating: bytes, as: UTF8.self) }
        // A bench file has 256 KiB at most, and an endpoints file less; escapes double that at worst.
        guard count > 0, bytes.count < 4 << 20 else { return nil }
        bytes += chunk[..<count]
    }
}
