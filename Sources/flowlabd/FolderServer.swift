import Drivers
import Platform
import Wire

/// Answers requests from one directory; blocks as long as the file system does.
struct FolderServer {
    private let path: String
    private var directory: WatchedDirectory?

    init(path: String) { self.path = path }

    mutating func open() -> LinkEvent {
        do throws(PlatformError) {
            directory = try WatchedDirectory(path: path)
            return .opened(identity: "folder \(path)")
        } catch {
            directory = nil
            return .closed(reason: error.description)
        }
    }

    mutating func close() { directory = nil }

    /// - Parameter mayWrite: false where a trip has come since the request was made.
    mutating func answer(_ arrival: FolderRequests.Arrival, mayWrite: Bool) -> LinkEvent {
        guard directory?.isThere() ?? false else {
            directory = nil
            return .closed(reason: "folder \(path) is gone: removed, or its share is no longer mounted?")
        }
        do throws(PlatformError) {
            return .received(try answer(arrival, mayWrite))
        } catch {
            return .received(FolderAnswer.error(error.description))
        }
    }

    private func answer(_ arrival: FolderRequests.Arrival, _ mayWrite: Bool) throws(PlatformError) -> [UInt8] {
        switch arrival {
        case .wrong(let why): return FolderAnswer.error(why)
        case .request(.list(let prefix)): return FolderAnswer.list(try list(prefix))
        case .request(.read(let name, let offset, let length)):
            return FolderAnswer.piece(try directory?.read(name, from: offset, length: length) ?? [])
        case .request(.ticket(let name, let content)):
            guard mayWrite else { return FolderAnswer.error("a trip came first") }
            try directory?.put(content, as: name)
            return FolderAnswer.done
        case .request(.withdraw(let name)):
            guard mayWrite else { return FolderAnswer.error("a trip came first") }
            try directory?.remove(name)
            return FolderAnswer.done
        }
    }

    private func list(_ prefix: String) throws(PlatformError) -> [FolderEntry] {
        let files = try directory?.files(beginningWith: prefix, where: FolderRules.isName) ?? []
        return files.map { FolderEntry(name: $0.name, size: $0.size, modified: $0.modified) }
    }
}
