import ControlAPI
import ControlServer
import Experiments
import Quantities

extension FuzzTarget {
    /// The whole request path: lines of hostile clients through the server into the controller, and back.
    ///
    /// An input is what a client sends. Byte 1 and a letter after it are no part of that; they make something happen: 1-4
    /// another client goes on (technician, optimizer, observer, no role), t T time passes (1 s, 100 s), h the client closes
    /// its sending side, d it is gone and another one comes, w it stops or begins to take its answers, l the control loop
    /// stops or goes on, a the archive does, r its disk hangs or comes back for those who read, s what came so far is delivered.
    static let controlServer = FuzzTarget(
        "control-server", words: { MethodTable.names.map { "\"\($0)\"" } + JSONWords.words + ServerWords.words }
    ) { (bytes) throws(BrokenPromise) in
        let bench = try ServerBench()
        var sent: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            guard byte == 1 else {
                sent.append(byte)
                continue
            }
            try bench.send(sent)
            sent = []
            try happen(rest.popFirst() ?? 0, bench)
        }
        try bench.send(sent)
        try bench.end()
    }

    private static func happen(_ what: UInt8, _ bench: ServerBench) throws(BrokenPromise) {
        switch what {
        case UInt8(ascii: "1")...UInt8(ascii: "4"): bench.select(Int(what - UInt8(ascii: "1")))
        case UInt8(ascii: "t"): try bench.wait(1)
        case UInt8(ascii: "T"): try bench.wait(100)
        case UInt8(ascii: "h"): try bench.halfClose()
        case UInt8(ascii: "d"): try bench.replaceClient()
        case UInt8(ascii: "w"): bench.toggleDeaf()
        case UInt8(ascii: "l"): try bench.toggleLoop()
        case UInt8(ascii: "a"): try bench.toggleArchive()
        case UInt8(ascii: "r"): try bench.toggleDisk()
        default: return
        }
    }

    /// However the bytes are cut into pieces, the same lines are answered, and with the same words. The first byte says
    /// how; byte 2 stands for a run of letters that brings a line to its limit.
    static let requestLines = FuzzTarget("request-lines", longestInput: 256, words: { ServerWords.words }) {
        (bytes) throws(BrokenPromise) in
        let size = Int(bytes.first ?? 0) + 1
        var (stream, runs): ([UInt8], Int) = ([], 0)
        for byte in bytes.dropFirst() {
            guard byte == 2 else {
                stream.append(byte)
                continue
            }
            runs += 1
            if runs <= 5 { stream += [UInt8](repeating: UInt8(ascii: "x"), count: APILimits.lineBytes / 4 - 3) }
        }
        // Long runs in short pieces take long and show no more.
        let piece = runs > 0 ? size * 4099 : size
        let pieces = stride(from: 0, to: stream.count, by: piece).map { stream[$0..<min($0 + piece, stream.count)] }
        let (whole, cut) = (answers([stream[...]]), answers(pieces))
        try promise(whole.posts == cut.posts, "\(whole.posts) posts, cut \(cut.posts)")
        try promise(whole.output == cut.output, "answers differ when the line is cut every \(piece) bytes")
    }

    private static func answers(_ pieces: [ArraySlice<UInt8>]) -> (output: [UInt8], posts: Int) {
        let daemon = DaemonBehind()
        let server = ControlServer(
            identity: ServerIdentity(bench: "fuzz", isSimulated: true, stream: "stream", started: daemon.now),
            published: { daemon.published }, figures: { BenchFigures(at: daemon.now) })
        let client = ConnectionID(number: 1)
        var effects = server.connect(client, Caller(uid: 1, pid: 1, role: .technician))[...]
        for piece in pieces { effects += server.receive(client, Array(piece), at: daemon.now) }
        effects += server.halfClosed(client, at: daemon.now)
        var (output, posts): ([UInt8], Int) = ([], 0)
        while true {
            if effects.isEmpty, server.hasWork { effects += server.work(at: daemon.now) }
            guard let effect = effects.popFirst() else { break }
            switch effect {
            case .send(_, let bytes):
                output += bytes
                server.written(client, bytes: bytes.count)
            case .post: posts += 1
            case .close, .attends: continue
            case .read(let question):
                effects += server.deliver(read: question.answered(by: daemon.store), at: daemon.now)
            }
        }
        return (output, posts)
    }
}

enum ServerWords {
    static let words = [
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"", "\",\"params\":{", "}}\n", "\"id\":", "\"jsonrpc\":\"2.0\"",
        "\"kind\":",
        "\"flows\"", "\"temperature_c\":", "\"flows_ul_min\":", "\"cui\":", "\"experiment\":\"e-000001\"",
        "\"timeout_s\":",
        "\"topics\":", "\"signals:*\"", "\"experiments\"", "\"recipe\":", "\"metadata\":", "\"key\":\"k\"", "\n",
        "\u{1}t",
        "\u{1}T", "\u{1}h", "\u{1}d", "\u{1}w", "\u{1}l", "\u{1}a", "\u{1}r", "\u{1}1", "\u{1}2", "\u{1}3", "\u{1}4",
        "\u{1}s",
    ]
}
