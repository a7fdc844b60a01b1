import Glibc
import Platform

/// One segment that is written: preallocated, and cut to what it holds when it is closed.
struct SegmentFile: ~Copyable {
    let path: String
    let size: Int
    private let descriptor: FileDescriptorOwner
    private(set) var used = 0

    /// - Parameter size: taken from the disk at once, so that a disk that runs full is noticed here.
    init(making path: String, size: Int) throws(PlatformError) {
        let raw = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, RecorderPlace.fileMode)
        guard raw >= 0 else { throw RecorderPlace.failure("create", path) }
        let code = posix_fallocate(raw, 0, size)
        guard code == 0 else {
            close(raw)
            unlink(path)
            throw RecorderPlace.failure("take room for", path, code)
        }
        descriptor = FileDescriptorOwner(owning: raw)
        self.path = path
        self.size = size
    }

    func hasRoom(for count: Int) -> Bool { used + count <= size }

    /// What fails half-way is overwritten by the next frame.
    mutating func append(_ bytes: [UInt8]) throws(PlatformError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { whole in
                retryingInterrupts {
                    pwrite(descriptor.raw, whole.baseAddress.map { $0 + done }, bytes.count - done, off_t(used + done))
                }
            }
            guard count > 0 else { throw RecorderPlace.failure("write", path) }
            done += count
        }
        used += bytes.count
    }

    /// Gives the unused rest back to the disk.
    consuming func finish() {
        _ = ftruncate(descriptor.raw, off_t(used))
    }
}

/// Repeats a call that a signal interrupted.
private func retryingInterrupts(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
