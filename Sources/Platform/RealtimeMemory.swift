import Glibc

/// What came of asking the kernel to keep the program's pages in memory.
public enum MemoryLock: Equatable, Sendable {
    case locked
    /// Page faults may delay the loop; why, and what would grant the lock.
    case refused(reason: String)
}

/// Locks the pages of the process as they are first touched (`MCL_ONFAULT`: untouched stack and heap stay unbacked, 11
/// instead of 66 MB). Refusal is reported and harmless.
public func lockMemory() -> MemoryLock {
    let flags = Int32(MCL_CURRENT) | Int32(MCL_FUTURE) | Int32(MCL_ONFAULT)
    guard mlockall(flags) != 0 else { return .locked }
    return .refused(reason: "\(errnoText(errno)); grant CAP_IPC_LOCK or LimitMEMLOCK=infinity in the unit")
}

/// Touches `bytes` of the calling thread's stack, so that the loop takes no page fault there later. Keep it well below
/// the thread's stack size.
public func prefaultStack(bytes: Int = 128 * 1024) {
    touchStack(left: bytes)
}

private let stackFrameBytes = 1024

/// One kibibyte a frame; `explicit_bzero` is a store that the optimiser may not drop.
@inline(never) private func touchStack(left: Int) {
    withUnsafeTemporaryAllocation(byteCount: stackFrameBytes, alignment: 16) { frame in
        guard let base = frame.baseAddress else { return }
        explicit_bzero(base, frame.count)
        if left > stackFrameBytes { touchStack(left: left - stackFrameBytes) }
        // After the call, so that it is no tail call and each level keeps its frame.
        explicit_bzero(base, 1)
    }
}
