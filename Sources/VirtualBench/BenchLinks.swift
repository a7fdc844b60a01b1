import Quantities
import Wire

/// The wire side of the bench: bytes in, timed bytes out, damaged where a fault says so.
extension VirtualBench {
    /// Gives `bytes` to the device on `link`. Unknown links and unplugged ones swallow them.
    public mutating func send(_ bytes: [UInt8], to link: String, connection: Int = 0, at now: Moment) {
        advance(to: now)
        guard isPlugged(link), !receiveAccessory(bytes, link, connection, at: now) else { return }
        if let pump = PumpName.allCases.firstIndex(where: { $0.link == link }) {
            for reply in pumps[pump].receive(bytes, at: now.wire, bench: now.bench) {
                emit(reply.bytes, link, connection, due: reply.due)
            }
            noteChanges()
        } else if link == "heater" {
            switch options.heaterLink {
            case .tcp: receiveModbusTCP(bytes, link, connection, at: now)
            case .rtu: receiveModbusRTU(bytes, connection, at: now)
            }
        } else if link == "io" {
            receiveModbusTCP(bytes, link, connection, at: now)
        } else if let index = BenchDevice.spectrometers.firstIndex(of: link) {
            receiveOBP(bytes, spectrometer: index, connection, at: now)
        }
    }

    /// Forgets a connection: half requests and answers under way.
    public mutating func disconnect(_ link: String, connection: Int = 0) {
        outputs.removeAll { $0.link == link && $0.connection == connection }
        modbusServers[ModbusConnection(link: link, connection: connection)] = nil
        if let index = BenchDevice.spectrometers.firstIndex(of: link) {
            obpParsers[ConnectionKey(spectrometer: index, connection: connection)] = nil
            acquisitions.removeAll { $0.spectrometer == index && $0.connection == connection }
        }
        if let index = accessory(on: link) { accessories[index].device.disconnect(link: link, connection: connection) }
    }

    /// One Modbus request to a device without any framing; nil when it does not answer. The answer is
    /// on the bus at `due`.
    public mutating func handleModbus(_ pdu: [UInt8], link: String = "heater", at now: Moment)
        -> (pdu: [UInt8], due: WireInstant)?
    {
        advance(to: now)
        guard speaksModbus(link), isPlugged(link), faults.find(.mute, on: link) == nil else { return nil }
        var answer = answerModbus(pdu, link, at: now)
        damage(&answer, of: link)
        return (answer, now.wire + options.modbusReplyDelay + addedDelay(of: link))
    }

    private func speaksModbus(_ link: String) -> Bool {
        ["heater", "io"].contains(link) || (accessory(on: link) != nil && Self.transport(of: link) == .modbus)
    }

    private mutating func answerModbus(_ pdu: [UInt8], _ link: String, at now: Moment) -> [UInt8] {
        if let index = accessory(on: link) { return answerAccessory(pdu, at: index, now) }
        defer { noteChanges() }
        guard link == "io" else { return controller.handle(pdu, &plant.plate) }
        defer { wireModule() }
        return module.handle(pdu, at: now.wire)
    }

    mutating func receiveModbusTCP(_ bytes: [UInt8], _ link: String, _ connection: Int, at now: Moment) {
        let key = ModbusConnection(link: link, connection: connection)
        var server = modbusServers[key] ?? ModbusTCPServer()
        for request in server.receive(bytes) {
            // A device that is mute hears nothing either: its watchdog must not be fed by it.
            guard faults.find(.mute, on: link) == nil else { continue }
            let answer = answerModbus(request.pdu, link, at: now)
            emit(
                ModbusTCPServer.frame(answer, answering: request), link, connection,
                due: now.wire + options.modbusReplyDelay)
        }
        modbusServers[key] = server
        guard server.isBroken else { return }
        modbusServers[key] = nil
        insert(Output(link: link, connection: connection, bytes: [], due: now.wire, closes: true))
    }

    private mutating func receiveModbusRTU(_ bytes: [UInt8], _ connection: Int, at now: Moment) {
        for request in serialModbusServer.receive(bytes, at: now.wire) {
            let answer = controller.handle(request, &plant.plate)
            noteChanges()
            let frame = serialModbusServer.frame(answer)
            emit(frame, "heater", connection, due: now.wire + options.modbusReplyDelay)
        }
    }

    private mutating func receiveOBP(_ bytes: [UInt8], spectrometer index: Int, _ connection: Int, at now: Moment) {
        let key = ConnectionKey(spectrometer: index, connection: connection)
        var parser = obpParsers[key] ?? OBPParser()
        let requests = parser.receive(bytes)
        obpParsers[key] = parser
        for request in requests {
            let due = now.wire + options.spectrometerReplyDelay
            let response = spectrometers[index].handle(request, at: now.bench)
            detectors[index].lampOn = isLit(index)
            switch response {
            case .nothing: break
            case .reply(let frame): emit(frame, BenchDevice.spectrometers[index], connection, due: due)
            case .abort(let frame):
                acquisitions.removeAll { $0.spectrometer == index }
                emit(frame, BenchDevice.spectrometers[index], connection, due: due)
            case .acquire(let acquisition):
                acquisitions.append(
                    PendingAcquisition(spectrometer: index, connection: connection, acquisition: acquisition))
            }
        }
    }

    /// By what the lamp of this spectrometer hangs on.
    private func isLit(_ index: Int) -> Bool {
        guard let pin = options.shutterPin, BenchDevice.spectrometers[index] == "spec_abs" else {
            return spectrometers[index].lampEnabled
        }
        return spectrometers[index].drivesHigh(pin)
    }

    /// Puts an answer on the wire as the link's faults leave it.
    mutating func emit(_ bytes: [UInt8], _ link: String, _ connection: Int, due: WireInstant) {
        let device = deviceName(of: link)
        guard faults.find(.mute, on: device) == nil, isPlugged(link) else { return }
        var sent = bytes
        damage(&sent, of: device)
        let output = Output(link: link, connection: connection, bytes: sent, due: due + addedDelay(of: device))
        insert(output)
        if faults.find(.duplicate, on: device) != nil { insert(output) }
    }

    private func deviceName(of link: String) -> String {
        link.hasPrefix("pump_") ? String(link.dropFirst(5)) : link
    }

    private func addedDelay(of device: String) -> WireDuration {
        faults.find(.delay, on: device).map { .seconds($0.value) } ?? .zero
    }

    private mutating func damage(_ bytes: inout [UInt8], of device: String) {
        guard !bytes.isEmpty else { return }
        if faults.find(.corrupt, on: device) != nil {
            let random = faultGenerator.next()
            bytes[Int(random % UInt64(bytes.count))] ^= 1 << UInt8(random >> 61)
        }
        if faults.find(.truncate, on: device) != nil {
            bytes.removeLast(1 + Int(faultGenerator.next() % UInt64(bytes.count)))
        }
        if faults.find(.garbage, on: device) != nil {
            let count = 1 + Int(faultGenerator.next() % 8)
            bytes.insert(contentsOf: (0..<count).map { _ in UInt8(faultGenerator.next() >> 56) }, at: 0)
        }
    }

    private mutating func insert(_ output: Output) {
        var index = outputs.count
        while index > 0 && outputs[index - 1].due > output.due { index -= 1 }
        outputs.insert(output, at: index)
    }
}
