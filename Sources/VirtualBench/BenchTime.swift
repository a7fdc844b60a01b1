import Quantities

/// The plant side of the bench: time, motion, frames, truth.
extension VirtualBench {
    private static let stepNanoseconds = Int64(Plant.timeStep * 1e9)
    /// The pressure at which a syringe drive gives up, kPa.
    static let stallPressure = 1000.0

    private var plantClock: BenchInstant {
        BenchInstant(nanoseconds: start.nanoseconds + Int64(plant.steps) * Self.stepNanoseconds)
    }

    /// Goes to `bench`, finishing on the way what ends before.
    mutating func advance(toBench bench: BenchInstant) {
        while let index = nextAcquisition(endingBy: bench) {
            let pending = acquisitions.remove(at: index)
            runPlant(to: pending.acquisition.ends)
            finish(pending)
        }
        runPlant(to: bench)
    }

    private func nextAcquisition(endingBy bench: BenchInstant) -> Int? {
        acquisitions.indices.filter { acquisitions[$0].acquisition.ends <= bench }
            .min { acquisitions[$0].acquisition.ends < acquisitions[$1].acquisition.ends }
    }

    private mutating func runPlant(to bench: BenchInstant) {
        while true {
            let end = plantClock + BenchDuration(nanoseconds: Self.stepNanoseconds)
            guard end <= bench else { break }
            if let expiry = faults.next, expiry <= end, faults.expire(at: end) {
                applyFaults()
                record(.faults)
            }
            stepPlant(to: end)
        }
    }

    private mutating func stepPlant(to end: BenchInstant) {
        for pump in pumps.indices {
            let moved = pumps[pump].displace(to: end) * boreCorrection(pump)
            plant.commanded[pump] = max(0, moved) / Plant.timeStep
            if moved < 0 {
                let full = PumpName.allCases[pump].syringeMicroliters
                plant.remaining[pump] = min(full, plant.remaining[pump] - moved)
            }
            if plant.remaining[pump] <= 0 && moved > 0 && !plant.dry[pump] { pumps[pump].meetEndOfStroke() }
        }
        if let clog = faults.find(.clog, on: "reactor") {
            // A deposit that narrows the tube by a constant share a minute.
            plant.clog = clog.value * growth(over: end - clog.since)
        }
        if plant.clog > 0 || plant.isOutletBlocked, plant.pressure > Self.stallPressure {
            for pump in pumps.indices { pumps[pump].meetPressureLimit() }
        }
        module.watch(at: clock.wire(of: end))
        wireModule()
        plant.step()
        stepAccessories(to: end)
        controller.watch(&plant.plate)
        noteChanges()
        if plant.steps % 10 == 0 { record(.second) }
    }

    /// The plunger moves as far as the pump means it to; what comes out depends on the bore that is really there.
    private func boreCorrection(_ pump: Int) -> Double {
        let ratio = PumpName.allCases[pump].boreMillimeters / pumps[pump].diameterMillimeters
        return ratio * ratio
    }

    private mutating func finish(_ pending: PendingAcquisition) {
        let index = pending.spectrometer
        let device = BenchDevice.spectrometers[index]
        let acquisition = pending.acquisition
        guard faults.find(.dropout, on: device) == nil else { return }
        driftLamp(index, at: acquisition.ends)
        let pixels: [UInt16]
        if faults.find(.staleFrame, on: device) != nil, !lastPixels[index].isEmpty {
            pixels = lastPixels[index]
        } else {
            pixels = expose(index, acquisition)
            lastPixels[index] = pixels
        }
        emit(
            spectrometers[index].spectrum(pixels, for: acquisition), device, pending.connection,
            due: clock.wire(of: acquisition.ends) + options.spectrometerReplyDelay)
    }

    /// One frame, or the mean of as many as the spectrometer averages.
    private mutating func expose(_ index: Int, _ acquisition: OceanHDX.Acquisition) -> [UInt16] {
        let seconds = acquisition.integration.seconds
        var begins = (acquisition.begins - start).seconds
        guard acquisition.frames > 1 else {
            return detectors[index].frame(of: plant, start: begins, seconds: seconds)
        }
        var sums = [Int](repeating: 0, count: SpectralShapes.pixelCount)
        for _ in 0..<acquisition.frames {
            let frame = detectors[index].frame(of: plant, start: begins, seconds: seconds)
            for pixel in sums.indices { sums[pixel] += Int(frame[pixel]) }
            begins += seconds
        }
        return sums.map { UInt16(($0 + acquisition.frames / 2) / acquisition.frames) }
    }

    /// The module's terminals: relay 0 switches the heater's contactor, whose auxiliary contact is input 1; the leak
    /// sensor is input 0, the pressure transmitter loop 0.
    mutating func wireModule() {
        let isStuck = faults.find(.contactorStuck, on: "io") != nil
        plant.plate.supplyClosed = module.coils[0] || isStuck || !options.hasContactor
        module.inputs[0] = faults.find(.leakDetected, on: "io") != nil
        module.inputs[1] = plant.plate.supplyClosed
        let shown = faults.find(.pressure, on: "io").map { $0.value * 100 } ?? plant.pressure
        let isBroken = faults.find(.inputBroken, on: "io") != nil
        module.loops[0] = isBroken ? 0 : PressureTransmitter.microamperes(kilopascals: shown)
    }

    /// Marks changes of what was commanded: they start a new run for the detectors and a record of truth.
    mutating func noteChanges() {
        var changed = false
        for pump in pumps.indices where pumps[pump].rate != lastSetFlows[pump] {
            lastSetFlows[pump] = pumps[pump].rate
            changed = true
        }
        if changed {
            for index in detectors.indices { detectors[index].startRun() }
            record(.flows)
        }
        if plant.plate.mode != lastHeaterMode {
            lastHeaterMode = plant.plate.mode
            record(.heater)
        }
        if plant.plate.supplyClosed != lastContactorClosed {
            lastContactorClosed = plant.plate.supplyClosed
            record(.contactor)
        }
    }

    mutating func record(_ cause: TruthRecord.Cause) {
        guard options.recordsTruth else { return }
        truth.append(
            TruthRecord(
                cause: cause, seconds: plant.time, setFlows: lastSetFlows, flows: plant.flows.map { $0 * 60 },
                used: plant.used, remaining: plant.remaining, plateCelsius: plant.plate.plate,
                sensorCelsius: plant.plate.processValue, setPointCelsius: plant.plate.setPoint,
                heaterOutputPercent: plant.plate.output, heaterMode: plant.plate.mode,
                limitTripped: controller.limitTripped, contactorClosed: plant.plate.supplyClosed,
                pressureKilopascals: plant.pressure,
                segmentationStable: plant.isSegmentationStable, luminescence: plant.luminescenceFeatures,
                absorption: plant.absorptionFeatures, accessories: accessoryTruth,
                faults: faults.active.map { "\($0.device):\($0.fault.rawValue)" }.sorted()))
    }
}
