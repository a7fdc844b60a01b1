import DeviceModel
import Experiments
import Quantities
import Simulation

/// The controller of the example bench, whose devices are all away, with an archive in memory that holds one finished
/// experiment.
final class DaemonBehind {
    enum Answer {
        case reply(RequestToken, ControlReply)
        case event(BenchEvent)
        case readings(UInt64, [Reading])
    }

    /// A campaign of one experiment, run once for all.
    private static let past: SimulatedLab = {
        var campaign = Campaign(Bench.definition, seed: 1, design: .random(1))
        _ = campaign.run()
        return campaign.lab
    }()

    private static let fresh: BenchController = {
        var controller = BenchController(Bench.definition, restored: past.archive.restored, at: past.now)
        _ = controller.start(past.archive.restored, at: past.now)
        return controller
    }()

    let store = MemoryStore(past.archive, at: past.now)
    private(set) var now = past.now
    private var controller = fresh
    private var batches: [ArchiveBatch] = []
    var isArchiveSlow = false

    var published: PublishedSnapshot { PublishedSnapshot(controller.snapshot(at: now)) }

    func ask(_ token: RequestToken, _ request: ControlRequest, _ caller: Caller) -> [Answer] {
        perform(controller.handle(.request(token, request, caller), at: now))
    }

    func wait(_ span: WireDuration) -> [Answer] {
        now = Moment(
            wire: now.wire + span, bench: now.bench + BenchDuration(nanoseconds: span.nanoseconds),
            wall: now.wall + WallDuration(nanoseconds: span.nanoseconds))
        return perform(controller.handle(.time, at: now))
    }

    /// Commits what waits, unless the disk is slow.
    func archive() -> [Answer] {
        var answers: [Answer] = []
        while !isArchiveSlow, !batches.isEmpty {
            let batch = batches.removeFirst()
            store.commit(batch)
            answers += perform(controller.handle(.archived(batch: batch.id), at: now))
        }
        return answers
    }

    private func perform(_ effects: [ControllerEffect]) -> [Answer] {
        var answers: [Answer] = []
        for effect in effects {
            switch effect {
            case .archive(let batch): batches.append(batch)
            case .reply(let token, let reply): answers.append(.reply(token, reply))
            case .event(let event): answers.append(.event(event))
            case .readings(let first, let readings): answers.append(.readings(first, readings))
            case .link, .analyse, .notify, .keepRecording, .reload, .shutDown: continue
            }
        }
        return answers + archive()
    }
}
