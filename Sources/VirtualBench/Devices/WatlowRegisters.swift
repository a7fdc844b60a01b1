/// The register map of the F4T, as far as public sources give it.
extension WatlowF4T {
    private enum Register {
        static let partNumber = 16..<31
        static let alarm = 1356
        static let loop = 2730..<2890
        static let modeRequest = 2730
        static let lowestSetPoint = 2774
        static let highestSetPoint = 2776
        static let closedLoopSetPoint = 2782
        static let manualPower = 2784
        static let powerInUse = 2808
        static let setPointInUse = 2810
        static let modeInUse = 2814
        static let processValue = 2820
        static let unitOverEthernet = 6730
        static let limit = 11250..<11310
        static let limitState = 11250
        static let limitStatus = 11264
        static let limitInputError = 11288
        static let unitOverSerial = 14080
        static let profile = 16558..<16592
        static let profileNumber = 16558
        static let profileStep = 16560
        static let profileStart = 16562
        static let profileResume = 16564
        static let profileAction = 16566
        static let profileState = 16568
        static let events = [16594, 16596, 16598, 16600, 16822, 16824, 16826, 16828]
    }

    /// Profile actions and states.
    private enum Profile {
        static let pause: UInt16 = 146
        static let resume: UInt16 = 147
        static let terminate: UInt16 = 148
        static let terminated: UInt16 = 253
    }

    /// The value of one register; nil where there is none.
    func register(_ address: Int, _ plate: HeatingPlate) -> UInt16? {
        for start in [address, address - 1] {
            guard let value = float(at: start, plate) else { continue }
            return words(value)[address - start]
        }
        if Register.partNumber.contains(address) {
            let text = Array(Self.partNumber.utf8)
            let index = address - Register.partNumber.lowerBound
            return index < text.count ? UInt16(text[index]) : 0
        }
        if let event = Register.events.firstIndex(of: address) { return eventOutputs[event] }
        return word(at: address, plate)
    }

    private func float(at address: Int, _ plate: HeatingPlate) -> Double? {
        switch address {
        case Register.lowestSetPoint: lowestSetPoint
        case Register.highestSetPoint: highestSetPoint
        case Register.closedLoopSetPoint: closedLoopSetPoint
        case Register.manualPower: plate.manualOutput
        case Register.powerInUse: plate.output
        case Register.setPointInUse: closedLoopSetPoint
        case Register.processValue: plate.processValue
        default: nil
        }
    }

    private func word(at address: Int, _ plate: HeatingPlate) -> UInt16? {
        switch address {
        case Register.alarm: Code.none
        case Register.modeRequest: modeRequest
        case Register.modeInUse: modeInUse(plate)
        case Register.unitOverEthernet, Register.unitOverSerial: Code.celsius
        case Register.limitState: limitTripped ? Code.error : Code.ok
        case Register.limitStatus: limitTripped ? Code.fail : Code.ok
        case Register.limitInputError: plate.sensor == .open ? Code.error : Code.none
        case Register.profileNumber: profileNumber
        case Register.profileStep: profileStep
        case Register.profileState: Profile.terminated
        // Undocumented registers inside a known block read as zero, so that a client may read the block at once.
        case Register.loop, Register.limit, Register.profile: 0
        default: nil
        }
    }

    private func modeInUse(_ plate: HeatingPlate) -> UInt16 {
        switch plate.mode {
        case .off: Code.off
        case .automatic: Code.automatic
        case .manual: Code.manual
        }
    }

    /// Writes words in order; a 32-bit value is written whole or not at all.
    mutating func write(_ values: [UInt16], at start: Int, _ plate: inout HeatingPlate) throws(Exception) {
        var copy = self
        var changed = plate
        var index = 0
        while index < values.count {
            let address = start + index
            if copy.float(at: address, changed) != nil {
                guard index + 1 < values.count else { throw .illegalAddress }
                try copy.setFloat(double(values[index], values[index + 1]), at: address, &changed)
                index += 2
            } else {
                try copy.setWord(values[index], at: address, &changed)
                index += 1
            }
        }
        self = copy
        plate = changed
    }

    private mutating func setFloat(_ value: Double, at address: Int, _ plate: inout HeatingPlate) throws(Exception) {
        guard value.isFinite else { throw .illegalValue }
        switch address {
        case Register.closedLoopSetPoint:
            guard (lowestSetPoint...highestSetPoint).contains(value) else { throw .illegalValue }
            closedLoopSetPoint = value
            plate.setPoint = value
        case Register.manualPower:
            guard (-100...100).contains(value) else { throw .illegalValue }
            plate.manualOutput = value
        case Register.lowestSetPoint:
            guard value <= highestSetPoint else { throw .illegalValue }
            lowestSetPoint = value
        case Register.highestSetPoint:
            guard value >= lowestSetPoint else { throw .illegalValue }
            highestSetPoint = value
        default: throw .illegalAddress
        }
    }

    private mutating func setWord(_ value: UInt16, at address: Int, _ plate: inout HeatingPlate) throws(Exception) {
        if let event = Register.events.firstIndex(of: address) {
            guard value == Code.on || value == Code.off else { throw .illegalValue }
            eventOutputs[event] = value
            return
        }
        switch address {
        case Register.modeRequest: try setMode(value, &plate)
        case Register.profileNumber: profileNumber = value
        case Register.profileStep: profileStep = value
        case Register.profileAction:
            // Without a running profile these do nothing.
            guard value == Profile.pause || value == Profile.terminate else { throw .illegalValue }
        case Register.profileResume:
            guard value == Profile.resume else { throw .illegalValue }
        // No profile is stored, so none can be started.
        case Register.profileStart: throw .illegalValue
        default: throw .illegalAddress
        }
    }

    private mutating func setMode(_ value: UInt16, _ plate: inout HeatingPlate) throws(Exception) {
        let mode: HeatingPlate.Mode
        switch value {
        case Code.off: mode = .off
        case Code.automatic: mode = .automatic
        case Code.manual: mode = .manual
        default: throw .illegalValue
        }
        modeRequest = value
        guard plate.mode != mode else { return }
        plate.mode = mode
        plate.setPoint = closedLoopSetPoint
        plate.restartLoop()
    }

    /// The two registers of a value, in the order in which they stand on the wire.
    func words(_ value: Double) -> [UInt16] {
        let bits = Float(value).bitPattern
        let low = UInt16(truncatingIfNeeded: bits)
        let high = UInt16(truncatingIfNeeded: bits >> 16)
        return wordOrder == .lowFirst ? [low, high] : [high, low]
    }

    private func double(_ first: UInt16, _ second: UInt16) -> Double {
        let (low, high) = wordOrder == .lowFirst ? (first, second) : (second, first)
        return Double(Float(bitPattern: UInt32(high) << 16 | UInt32(low)))
    }
}
