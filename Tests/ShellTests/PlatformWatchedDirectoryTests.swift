import Glibc
import Platform
import Testing

/// A real directory of its own, removed with all that is in it.
private final class Room {
    let path: String

    init() throws {
        var template = Array("/tmp/flowlab-folder-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        path = String(cString: made)
    }

    deinit {
        for name in ["a1.txt", "a2.txt", "b.txt", "link.txt", ".hidden", "line\nbreak", "cd.ticket", "outside"] {
            unlink("\(path)/\(name)")
        }
        rmdir("\(path)/dir.txt")
        unlink("\(path)/pipe.txt")
        rmdir(path)
    }

    func write(_ text: String, to name: String, append: Bool = false) throws {
        let flags = O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC)
        let descriptor = open("\(path)/\(name)", flags, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        #expect(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
    }
}

@Suite struct PlatformWatchedDirectoryTests {
    private func names(_ directory: WatchedDirectory, _ prefix: String = "") throws -> [String] {
        try directory.files(beginningWith: prefix) { !$0.hasPrefix(".") && !$0.contains("\n") }.map(\.name).sorted()
    }

    /// A share may give a file a time that no clock of ours reaches.
    @Test(arguments: [9_300_000_000, -9_300_000_000] as [Int]) func aFileOfAnotherAge(seconds: Int) throws {
        let room = try Room()
        try room.write("x", to: "a1.txt")
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 999_999_999)]
        #expect(utimensat(AT_FDCWD, "\(room.path)/a1.txt", times, 0) == 0)
        let found = try WatchedDirectory(path: room.path).files(beginningWith: "a") { _ in true }
        #expect(found.map(\.name) == ["a1.txt"] && found.map(\.size) == [1])
    }

    @Test func onlyPlainFilesAreThere() throws {
        let room = try Room()
        for name in ["a1.txt", "a2.txt", "b.txt", ".hidden", "line\nbreak"] { try room.write("x", to: name) }
        #expect(mkdir("\(room.path)/dir.txt", 0o755) == 0)
        #expect(mkfifo("\(room.path)/pipe.txt", 0o644) == 0)
        #expect(symlink("/etc/passwd", "\(room.path)/link.txt") == 0)
        let directory = try WatchedDirectory(path: room.path)
        #expect(try names(directory) == ["a1.txt", "a2.txt", "b.txt"])
        #expect(try names(directory, "a") == ["a1.txt", "a2.txt"])
        for name in [
            "link.txt", "dir.txt", "pipe.txt", "../etc/passwd", "/etc/passwd", ".hidden", "", "gone.txt", "a\0b",
        ] {
            #expect(throws: PlatformError.self, "\(name)") { try read(directory, name) }
        }
    }

    private func read(_ directory: WatchedDirectory, _ name: String) throws -> String {
        String(decoding: try directory.read(name, from: 0, length: 100), as: UTF8.self)
    }

    @Test func fileThatGrows() throws {
        let room = try Room()
        try room.write("12345", to: "a1.txt")
        let directory = try WatchedDirectory(path: room.path)
        let first = try #require(try directory.files(beginningWith: "a1") { _ in true }.first)
        #expect(first.size == 5 && first.modified > 1_600_000_000_000_000_000)
        try room.write("67", to: "a1.txt", append: true)
        let second = try #require(try directory.files(beginningWith: "a1") { _ in true }.first)
        #expect(second.size == 7 && second.modified >= first.modified)
        #expect(try directory.read("a1.txt", from: 3, length: 2) == Array("45".utf8))
        #expect(try directory.read("a1.txt", from: 5, length: 100) == Array("67".utf8))
        #expect(try directory.read("a1.txt", from: 7, length: 100) == [])
    }

    @Test func ticketIsThereWholeAndGone() throws {
        let room = try Room()
        let directory = try WatchedDirectory(path: room.path)
        try directory.put(Array("one".utf8), as: "cd.ticket")
        try directory.put(Array("two".utf8), as: "cd.ticket")
        #expect(try read(directory, "cd.ticket") == "two")
        #expect(
            try directory.files(beginningWith: "") { _ in true }.map(\.name) == ["cd.ticket"], "nothing is left over")
        try directory.remove("cd.ticket")
        try directory.remove("cd.ticket")
        #expect(try names(directory) == [])
        for name in ["../x.ticket", ".x.ticket", ""] {
            #expect(throws: PlatformError.self) { try directory.put([], as: name) }
            #expect(throws: PlatformError.self) { try directory.remove(name) }
        }
    }

    /// What a ticket's name points to is not written over.
    @Test func ticketReplacesALink() throws {
        let room = try Room()
        try room.write("mine", to: "outside")
        #expect(symlink("\(room.path)/outside", "\(room.path)/cd.ticket") == 0)
        let directory = try WatchedDirectory(path: room.path)
        try directory.put(Array("ticket".utf8), as: "cd.ticket")
        #expect(try read(directory, "outside") == "mine")
        #expect(try read(directory, "cd.ticket") == "ticket")
    }

    @Test func directoryThatVanishes() throws {
        let room = try Room()
        let directory = try WatchedDirectory(path: room.path)
        #expect(directory.isThere())
        #expect(rmdir(room.path) == 0)
        #expect(!directory.isThere())
        #expect(mkdir(room.path, 0o755) == 0)
        #expect(!directory.isThere(), "another of the same name")
        let again = try WatchedDirectory(path: room.path)
        #expect(again.isThere())
    }

    @Test func openingSaysWhatIsWrong() throws {
        let room = try Room()
        try room.write("x", to: "b.txt")
        let missing = #expect(throws: PlatformError.self) { try open("\(room.path)/none") }
        #expect(
            missing?.description.contains("No such file or directory (errno 2); make it, or mount the share") == true)
        let file = #expect(throws: PlatformError.self) { try open("\(room.path)/b.txt") }
        #expect(file?.description.contains("name a directory in the bench file") == true)
    }

    private func open(_ path: String) throws { _ = try WatchedDirectory(path: path) }
}
