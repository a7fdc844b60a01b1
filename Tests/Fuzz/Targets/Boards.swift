import BoardProtocol

extension FuzzTarget {
    /// Bytes of a board's line, against the plainest way to cut them.
    static let boardFrames = FuzzTarget("board-frames", longestInput: 512) { (bytes) throws(BrokenPromise) in
        var reader = BoardFrameReader()
        let items = bytes.compactMap { reader.append($0) }
        let pieces = bytes.split(omittingEmptySubsequences: false) { $0 == BoardFrame.delimiter }.dropLast()
        let wanted = pieces.filter { !$0.isEmpty }
        try promise(items.count == wanted.count, "\(items.count) verdicts on \(wanted.count) pieces")
        for (item, piece) in zip(items, wanted) {
            switch item {
            case .frame(let frame):
                try promise(frame.bytes.dropLast().elementsEqual(piece), "\(frame) is not what came")
                try promise(CRC16(frame.body).value == 0, "a frame whose CRC is wrong")
            case .dropped(let error):
                try promise((try? BoardFrame(encoded: piece)) == nil, "a frame was dropped: \(error)")
            }
        }
        let dropped = items.count { if case .dropped = $0 { true } else { false } }
        try promise(reader.dropped == dropped, "\(reader.dropped) counted, \(dropped) told")
        try promise(reader.isBetweenFrames == (bytes.last ?? 0 == BoardFrame.delimiter), "in step or not")
        if let body = COBS.decode(bytes) {
            try promise(COBS.decode(COBS.encode(body)) == body, "bytes that do not come back")
        }
    }

    /// A type and a payload, as every message it may be.
    static let boardMessages = FuzzTarget("board-messages", longestInput: 66) { (bytes) throws(BrokenPromise) in
        guard let type = bytes.first, bytes.count <= BoardDictionary.payloadMax + 1 else { return }
        let payload = bytes.dropFirst()
        for request in BoardDictionary.requests where request.type == type & 0x7f {
            if type & 0x80 == 0 { try comesBack(request, payload) } else { try check(request, payload) }
        }
        let event = BoardEvent(type: type, payload: payload)
        let known = BoardDictionary.events.first { $0.type == type }
        try promise(event == nil || known != nil, "an event of no type")
        if let known { try comesBack(known, payload) }
        if let event { try promise(event.message.payload.elementsEqual(payload), "an event that does not come back") }
    }

    private static func comesBack<Fields: BoardFields>(
        _ type: Fields.Type, _ payload: ArraySlice<UInt8>
    ) throws(BrokenPromise) {
        guard let fields = Fields(payload: payload) else { return }
        try promise(fields.payload.count == payload.count, "\(type) has another length")
        try promise(Fields(payload: fields.payload) == fields, "\(type) does not come back")
    }

    /// An answer: what is refused or malformed is told, and nothing else.
    private static func check<Request: BoardRequest>(
        _ request: Request.Type, _ payload: ArraySlice<UInt8>
    ) throws(BrokenPromise) {
        let frame = BoardFrame(sequence: 0, type: Request.answerType, payload: Array(payload))
        switch Request.reply(in: frame) {
        case .answered(let answer):
            try promise(payload.first == BoardStatus.ok.code, "an answer without ok")
            try promise(answer.payload.count == payload.count - 1, "an answer of another length")
            try comesBack(Request.Answer.self, payload.dropFirst())
        case .refused(let status):
            try promise(payload.elementsEqual([status.code]) && status != .ok, "refused with \(status)")
            try promise(!status.words.isEmpty, "a refusal without words")
        case .malformed:
            try promise(payload.count != 1 || payload.first == BoardStatus.ok.code, "a refusal is taken as malformed")
        case nil: throw BrokenPromise(description: "an answer that belongs to nothing")
        }
    }
}
