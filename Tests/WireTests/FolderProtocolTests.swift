import Testing
import Wire

@Suite struct FolderProtocolTests {
    private func arrivals(_ text: String) -> [FolderRequests.Arrival] {
        var requests = FolderRequests()
        return requests.take(Array(text.utf8))
    }

    @Test func requestsGoThereAndBack() {
        let all: [FolderRequest] = [
            .list(prefix: ""), .list(prefix: "a b"), .read(name: "a b 1.txt", offset: 8192, length: 100),
            .ticket(name: "cd.ticket", Array("list \nread x 1 2\n".utf8)), .ticket(name: "x.ticket", []),
            .withdraw(name: "cd.ticket"),
        ]
        let bytes = all.flatMap(\.bytes)
        for size in [1, 2, 7, 1000] {
            var requests = FolderRequests()
            var found: [FolderRequests.Arrival] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                found += requests.take(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(found == all.map { .request($0) }, "in pieces of \(size)")
        }
    }

    @Test(arguments: [
        "read ../x 0 1\n", "read .x 0 1\n", "read a/b 0 1\n", "read a\\b 0 1\n", "read a\tb 0 1\n", "read x -1 1\n",
        "read x 0 8193\n", "read x 0\n", "read  0 1\n", "withdraw a.txt\n", "withdraw ../a.ticket\n",
        "withdraw .ticket\n",
        "list ../\n", "list .x\n", "ticket a.txt 2\nhi", "ticket a.ticket 99999\n", "erase\n", "\n",
        "list \(String(repeating: "x", count: 400))\n", "ticket ../a.ticket 0\n",
    ])
    func whatIsNotServed(_ text: String) {
        let found = arrivals(text + "list \n")
        guard found.count == 2, case .wrong = found[0] else {
            Issue.record("\(found)")
            return
        }
        #expect(found[1] == .request(.list(prefix: "")), "what follows is heard")
    }

    @Test func answers() {
        let entries = (0..<70).map { FolderEntry(name: "f\($0)", size: $0, modified: Int64($0)) }
        let lines = String(decoding: FolderAnswer.list(entries), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == FolderRules.mostEntries && lines.first == "f69\t69\t69")
        #expect(FolderAnswer.list([]) == [0x0a] && FolderAnswer.done == Array("ok 0\n".utf8))
        #expect(FolderAnswer.piece([1, 2]) == Array("ok 2\n".utf8) + [1, 2])
        #expect(FolderAnswer.error("a\nb\tc") == Array("error a b c\n".utf8))
    }
}
