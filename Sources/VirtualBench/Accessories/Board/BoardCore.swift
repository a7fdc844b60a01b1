import CBoardFirmware

/// The firmware's core as a value. It is plain data with one pointer, to the constant table of its channels, which nobody writes: so
/// it may go from thread to thread.
struct BoardCore: @unchecked Sendable {
    private var board = flowlab_board()

    init(_ model: BoardThings.Model, serial: String, starts: UInt16, cause: flowlab_reset_cause_code) {
        let type = model == .uno ? flowlab_reference_uno() : flowlab_reference_stm32f103()
        let bytes = Array(Array(serial.utf8).prefix(12)) + [UInt8](repeating: 0, count: 12)
        flowlab_board_start(&board, type, bytes, starts, UInt8(cause.rawValue), 0)
    }

    mutating func receive(_ byte: UInt8, at now: UInt32) { flowlab_board_receive(&board, byte, now) }

    mutating func poll(at now: UInt32) { _ = flowlab_board_poll(&board, now) }

    /// What it has for the line.
    mutating func transmitted(at now: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while flowlab_board_transmit(&board, &byte, now) { bytes.append(byte) }
        return bytes
    }

    /// In how many microseconds `poll` has something to do.
    mutating func nextDue(at now: UInt32) -> UInt32 { flowlab_board_next_due(&board, now) }

    mutating func setInput(_ channel: UInt8, _ isHigh: Bool) { flowlab_board_set_input(&board, channel, isHigh) }
    mutating func setAnalog(_ channel: UInt8, _ count: UInt16) { flowlab_board_set_analog(&board, channel, count) }

    mutating func isHigh(_ channel: UInt8) -> Bool { flowlab_board_pin(&board, channel) == UInt8(FLOWLAB_PIN_HIGH) }
    mutating func axis(_ channel: UInt8) -> flowlab_axis_output { flowlab_board_axis(&board, channel) }

    /// The timer of an axis came; whether its pin is pulsed.
    mutating func step(_ channel: UInt8) -> Bool { flowlab_board_step(&board, channel) }

    mutating func state() -> UInt8 { flowlab_board_state_of(&board) }
}
