import BoardProtocol
import DeviceModel
import Quantities

/// What the bench file says of one board.
struct FlowlabBoardConfiguration: Sendable {
    /// As the dictionary of the protocol spells it.
    let model: String
    /// nil: any board of the model will do.
    let serial: String?

    init(_ settings: DriverSettings) {
        model = settings.text("board")
        serial = settings.optionalText("serial")
    }

    /// Why this is not the board of the bench file; goes on after its name.
    func difference(_ hello: HelloRequest.Answer) -> String? {
        guard hello.protocol == BoardDictionary.version, hello.dictionary == BoardDictionary.hash else {
            let (theirs, ours) = (String(hello.dictionary, radix: 16), String(BoardDictionary.hash, radix: 16))
            return "has firmware with the dictionary \(theirs), expected \(ours): flash the firmware of this release"
        }
        guard hello.board.name == model else {
            return "is a board \(hello.board), expected \(model): correct `board` in the bench file, or change the plug"
        }
        guard let serial, serial.lowercased() != Self.serial(hello).lowercased() else { return nil }
        return "has the serial number \(Self.serial(hello)), expected \(serial): another board is plugged in"
    }

    /// Printable text as it is, without the zeros behind it; anything else in hexadecimal.
    static func serial(_ hello: HelloRequest.Answer) -> String {
        let text = hello.serial.prefix { $0 != 0 }
        let isText = !text.isEmpty && text.allSatisfy { (0x21...0x7e).contains($0) }
        return isText ? String(decoding: text, as: UTF8.self) : hello.serialText
    }
}

extension FlowlabBoard {
    static let entry = DriverEntry(
        id: "flowlab-board", deviceClass: .board, transports: [.serial], maturity: "firmware in an emulator",
        settings: [
            SettingSpec("board", .choice(BoardModel.known.map(\.name)), "what it is"),
            .optional("serial", .text, "its serial number; to a wrong one it is said; without one, any will do"),
        ],
        signals: { _ in
            [
                DriverSignal("state", .code), DriverSignal("fault", .code), DriverSignal("round_trip", .seconds),
                DriverSignal("clock.uncertainty", .seconds), DriverSignal("frames.dropped", .code),
            ]
        },
        make: { FlowlabBoard($0, $1) })
}
