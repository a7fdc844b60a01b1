import CModbus
import DeviceModel
import Glibc
import Platform
import Quantities

/// One question and its answer on a serial line. libmodbus makes and checks the frames; what a frame answers is judged
/// here, because a reply by Modbus RTU does not say to which question it belongs.
extension ModbusContext {
    /// A reply is over when nothing follows it for so long. An adapter for USB hands over what it has every 16 ms, so that
    /// the 3.5 characters of the standard are not seen on it.
    static let quietAfterReply = WireDuration.milliseconds(20)
    /// Watlow controllers need it before the next question; the 3.5 characters of the standard were found too short.
    /// Source: ESPEC's ChamberConnectLibrary, `watlowf4t.py`.
    static let quietAfterWrite = WireDuration.milliseconds(30)
    /// Of the standard: so many characters of silence end a frame. Counts at low speeds.
    static let charactersOfSilence = 4
    /// How long a line that babbles is listened to.
    static let longestNoise = WireDuration.milliseconds(250)

    /// Asks and waits for the answer: the response time-out, and the time that both are on the line.
    func ask(_ request: ModbusRequest, on port: borrowing SerialPort, _ format: SerialFormat) -> ModbusAttempt {
        let question = request.frame
        let deadline = wireNow() + responseTimeout + format.time(characters: question.count + request.replyLength + 4)
        // Whatever came unasked belongs to nobody.
        modbus_flush(context)
        guard modbus_send_raw_request(context, question, Int32(question.count)) > 0 else { return Self.failure(errno) }
        let attempt = receive(answering: request, on: port, until: deadline)
        let silence = max(
            request.operation.isWrite ? Self.quietAfterWrite : Self.quietAfterReply, Self.standardSilence(format))
        switch attempt {
        case .answered:
            guard port.waitForBytes(timeout: silence) else { return attempt }
            settle(port, silence)
            return .garbled("more bytes came than the reply has")
        case .garbled:
            settle(port, silence)
            return attempt
        case .silent, .broken: return attempt
        }
    }

    private static func standardSilence(_ format: SerialFormat) -> WireDuration {
        format.time(characters: charactersOfSilence)
    }

    private func receive(
        answering request: ModbusRequest, on port: borrowing SerialPort, until deadline: WireInstant
    ) -> ModbusAttempt {
        guard port.waitForBytes(timeout: max(.zero, deadline - wireNow())) else { return Self.failure(ETIMEDOUT) }
        let left = max(1, (deadline - wireNow()).nanoseconds / 1000)
        modbus_set_response_timeout(context, UInt32(left / 1_000_000), UInt32(left % 1_000_000))
        var frame = [UInt8](repeating: 0, count: Int(MODBUS_RTU_MAX_ADU_LENGTH))
        let length = modbus_receive_confirmation(context, &frame)
        let code = errno
        if length == 0 { return .garbled("an answer from unit \(frame[0]), or noise") }
        guard length > 0 else {
            return code == ETIMEDOUT ? .garbled("a part of a reply, and then nothing") : Self.failure(code)
        }
        return request.judge(frame[..<Int(length)])
    }

    /// Waits until the line is quiet, and drops what comes meanwhile.
    private func settle(_ port: borrowing SerialPort, _ silence: WireDuration) {
        let end = wireNow() + Self.longestNoise
        var dropped = [UInt8](repeating: 0, count: 256)
        while wireNow() < end, port.waitForBytes(timeout: silence) {
            guard case .bytes? = try? port.read(into: &dropped) else { return }
        }
    }
}

extension ModbusRequest {
    private static let exceptionBit: UInt8 = 0x80
    private static let checkSumLength = 2

    /// Unit, function and data, without the check sum.
    var frame: [UInt8] { [unit] + operation.pdu }

    /// Of a good reply, without the check sum.
    var replyLength: Int { operation.dataLength.map { 3 + $0 } ?? 6 }

    /// What a whole frame from the right unit says of this request.
    func judge(_ frame: ArraySlice<UInt8>) -> ModbusAttempt {
        let reply = Array(frame.dropLast(Self.checkSumLength))
        let asked = self.frame
        guard reply.count >= 3, reply[0] == unit else { return .garbled("a reply of \(frame.count) bytes") }
        if reply[1] == asked[1] | Self.exceptionBit, reply.count == 3 { return .answered(.exception(reply[2])) }
        guard reply[1] == asked[1] else {
            return .garbled("a reply to function \(reply[1] & ~Self.exceptionBit), asked was \(asked[1])")
        }
        guard let length = operation.dataLength else {
            guard reply == Array(asked[..<6]) else { return .garbled("the confirmation of another write") }
            return .answered(.written)
        }
        guard reply.count == replyLength, Int(reply[2]) == length else {
            return .garbled("a reply with \(reply[2]) bytes of data, asked for were \(length)")
        }
        return .answered(operation.outcome(ofData: Array(reply[3...])))
    }
}
