import DeviceModel
import Glibc
import Platform
import Recording

/// Segments on a disk, in the order in which they were written: one file, the ring, or something kept.
public struct RecordedFiles: Sendable {
    /// Far more than a segment has.
    static let longestFile = 1024 * 1024 * 1024

    public let paths: [String]

    /// - Parameter path: of a segment, or of a directory of segments.
    public init(_ path: String) throws(PlatformError) {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            throw .system(operation: "look at", subject: path, errno: errno, hint: "give a directory or a file *.flr")
        }
        guard facts.st_mode & S_IFMT == S_IFDIR else {
            paths = [path]
            return
        }
        paths = RecorderPlace.segments(in: path).map { "\(path)/\($0)" }
        guard !paths.isEmpty else {
            throw .invalid(subject: path, value: "a directory without segments", expected: "files *.flr in it")
        }
    }

    /// All items of all files; what cannot be read of one is told, and the next one follows.
    public func each<Failure: Error>(
        trouble: (String) -> Void, _ body: (SegmentReader.Item) throws(Failure) -> Void
    ) throws(Failure) {
        var links: [LinkName] = []
        for path in paths {
            guard var reader = open(path, links, trouble) else { continue }
            while let item = next(&reader, path, trouble) {
                if case .head(let head) = item { links = head.links }
                try body(item)
            }
        }
    }

    private func open(_ path: String, _ links: [LinkName], _ trouble: (String) -> Void) -> SegmentReader? {
        do throws(PlatformError) {
            let bytes = try Self.bytes(of: path)
            do throws(RecordingError) {
                return try SegmentReader(bytes, file: path, links: links)
            } catch {
                trouble(error.description)
            }
        } catch {
            trouble(error.description)
        }
        return nil
    }

    private func next(_ reader: inout SegmentReader, _ path: String, _ trouble: (String) -> Void) -> SegmentReader.Item?
    {
        while true {
            do throws(RecordingError) {
                return try reader.next()
            } catch {
                trouble("\(path): \(error.description)")
            }
        }
    }

    static func bytes(of path: String) throws(PlatformError) -> [UInt8] {
        // Without waiting for whoever would write to a pipe.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .system(operation: "open", subject: path, errno: errno, hint: "check the path and who may read it")
        }
        defer { Glibc.close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size <= longestFile else {
            throw .invalid(subject: path, value: "no plain file, or a huge one", expected: "a segment of the recorder")
        }
        let size = Int(facts.st_size)
        var failed: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                if got == 0 { return }
                if got < 0, errno != EINTR {
                    failed = errno
                    return
                }
                count += max(0, got)
            }
        }
        guard failed == 0 else {
            throw .system(operation: "read", subject: path, errno: failed, hint: "check the disk")
        }
        return bytes
    }
}
