import Experiments
import Quantities

/// What the archive thread does, without the thread: commits what comes, keeps what it cannot commit and tries again,
/// and draws old samples together while nothing waits.
public struct ArchiveKeeper: Sendable {
    public static let retryAfter = WireDuration.milliseconds(1000)
    /// Between two steps of drawing together while there is more to do, and before looking for old samples again.
    public static let upkeepPause = WireDuration.milliseconds(200)
    public static let upkeepRest = WireDuration.seconds(60)

    public enum Report: Hashable, Sendable {
        /// Every batch up to this one is on the disk.
        case committed(UInt64)
        /// What was to be kept is held and tried again.
        case failed(String)
        /// More than can be held waits: the daemon must come to an orderly end.
        case full(String)
        /// Old samples could not be drawn together; they stay as they are until the next try.
        case upkeepFailed(String)
    }

    private let archive: Archive
    public private(set) var backlog = ArchiveBacklog()
    private var nextTry = WireInstant.zero
    private var nextUpkeep = WireInstant.zero
    /// Whether the last try to commit failed.
    public private(set) var isFailing = false
    private var hasSaidFull = false

    public init(archive: Archive) { self.archive = archive }

    /// When `work` has something to do again even if nothing comes.
    public var deadline: WireInstant { isFailing ? nextTry : nextUpkeep }

    /// Takes what came and does what is due.
    /// - Parameter isLast: nothing comes any more; what waits is tried at once, for the last time.
    public mutating func work(_ batches: [ArchiveBatch], at now: Moment, isLast: Bool = false) -> [Report] {
        backlog.add(batches)
        guard !isFailing || isLast || now.wire >= nextTry else { return fullness() }
        var reports: [Report] = []
        while let group = backlog.nextGroup() {
            do throws(ArchiveError) {
                try archive.commit(Array(group.batches), means: backlog.means)
            } catch {
                isFailing = true
                nextTry = now.wire + Self.retryAfter
                return reports + [.failed("\(error)")] + fullness()
            }
            isFailing = false
            backlog.dropGroup()
            reports.append(.committed(group.last))
        }
        hasSaidFull = false
        return reports
    }

    /// To be called when nothing waits.
    public mutating func rest(at now: Moment) -> [Report] {
        guard !isFailing, now.wire >= nextUpkeep else { return [] }
        do throws(ArchiveError) {
            let hasMore = try archive.drawTogether(at: now.wall)
            nextUpkeep = now.wire + (hasMore ? Self.upkeepPause : Self.upkeepRest)
            return []
        } catch {
            nextUpkeep = now.wire + Self.upkeepRest
            return [.upkeepFailed("\(error)")]
        }
    }

    private mutating func fullness() -> [Report] {
        guard backlog.isFull, !hasSaidFull else { return [] }
        hasSaidFull = true
        return [.full("more waits for the archive than can be held: \(backlog.summary)")]
    }
}
