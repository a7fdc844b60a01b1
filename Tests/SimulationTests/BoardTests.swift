import DeviceModel
import Drivers
import Quantities
import Testing
import VirtualBench
import Wire

/// Boards with the firmware's own code, their drivers, and the core between them.
@Suite struct BoardTests {
    private func ready(seed: UInt64 = 1) -> BoardBench {
        var bench = BoardBench(seed: seed)
        bench.run(3)
        return bench
    }

    @Test func bothAreIdentifiedWithAllThatHangsOnThem() {
        let bench = ready()
        for device in ["uno", "argon", "nitrogen", "stage", "stm", "feed", "drain", "block"] as [DeviceName] {
            #expect(bench.state(device) == .ready, "\(device): \(bench.notices)")
        }
        #expect(bench.shown("valve.argon.position") == 1)
        #expect(bench.shown("board.uno.state") == 2)
        let uncertainty = bench.shown("board.uno.clock.uncertainty") ?? 1
        #expect(uncertainty < 0.005, "\(uncertainty) s")
    }

    @Test func aGasValveStaysOpenAsLongAsItShall() throws {
        var bench = ready()
        #expect(try bench.act(.valve(.select(position: "open")), "argon") == .done)
        #expect(bench.truth("uno", "D4") == .bool(true))
        #expect(bench.truth("uno", "D5") == .bool(false))
        bench.run(60)
        #expect(bench.truth("uno", "D4") == .bool(true), "it is said again that it shall be open")
        #expect(bench.shown("valve.argon.position") == 2)
        #expect(try bench.act(.valve(.select(position: "closed")), "argon") == .done)
        #expect(bench.truth("uno", "D4") == .bool(false))
        #expect(
            try bench.act(.valve(.select(position: "half")), "argon")?.text.contains("has no position half") == true)
    }

    /// The board alone closes it: nothing is told it any more.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func bothGasValvesCloseWhenTheHostDies(seed: UInt64) throws {
        var bench = ready(seed: seed)
        try bench.act(.valve(.select(position: "open")), "argon", for: 0)
        try bench.act(.valve(.select(position: "open")), "nitrogen", for: 2 + Double(seed) * 0.07)
        #expect(bench.truth("uno", "D4") == .bool(true))
        #expect(bench.truth("uno", "D5") == .bool(true))
        let died = bench.seconds
        bench.kill()
        bench.run(5)
        for pin in ["D4", "D5"] {
            #expect(bench.truth("uno", pin) == .bool(false))
            let closed = try #require(bench.truth("uno", pin + "_changed_s")?.double)
            #expect(closed > died && closed - died <= 1.1, "\(pin) closed \(closed - died) s later")
        }
        #expect(bench.truth("uno", "state") == .integer(3))
    }

    @Test func aPumpTurnsAsManySteps() throws {
        var bench = ready()
        let run = DeviceCommand.pump(.run(flow: FlowRate(microlitersPerMinute: 3000), volume: Volume(microliters: 250)))
        #expect(try bench.act(run, "feed") == .done)
        #expect(bench.shown("pump.feed.flow") == 3000)
        bench.run(7)
        #expect(bench.truth("stm32f103", "axis_0_steps") == .integer(500))
        #expect(bench.truth("stm32f103", "axis_0_moving") == .bool(false))
        #expect(bench.shown("pump.feed.volume") == 250)
        #expect(bench.shown("pump.feed.flow") == 0)
        try bench.act(run, "feed")
        #expect(try bench.act(.pump(.stop), "feed") == .done)
        #expect(bench.truth("stm32f103", "axis_0_moving") == .bool(false))
    }

    @Test func aStageIsHomedAndMoves() throws {
        var bench = ready()
        #expect(try bench.act(.stepper(.move(to: 10)), "stage")?.text.contains("home it first") == true)
        #expect(try bench.act(.stepper(.home), "stage", for: 10) == .done)
        #expect(bench.shown("stepper.stage.position") == 0)
        #expect(try bench.act(.stepper(.move(to: 10)), "stage", for: 3) == .done)
        #expect(bench.shown("stepper.stage.position") == 10)
        #expect(try bench.act(.stepper(.move(to: 60)), "stage")?.text.contains("expected 0.0 to 50.0 mm") == true)
    }

    @Test func aHeaterHoldsItsTemperature() throws {
        var bench = ready()
        #expect(try bench.act(.heater(.hold(Temperature(celsius: 60))), "block", for: 900) == .done)
        let shown = try #require(bench.shown("heater.block.temperature"))
        #expect(abs(shown - 60) < 1.5, "\(shown) degC")
        #expect(try bench.act(.heater(.off), "block") == .done)
        #expect(bench.shown("heater.block.output") == 0)
    }

    /// A broken sensor is a fault that somebody must clear; everything on that board is off meanwhile.
    @Test func aBrokenSensorStopsItsBoardUntilSomebodyClearsIt() throws {
        var bench = ready()
        try bench.act(.heater(.hold(Temperature(celsius: 60))), "block", for: 30)
        try bench.fault("stm32", "sensor_open", 5)
        bench.run(4)
        let text = try #require(bench.state("stm")?.detail)
        #expect(text.contains("sensor"), "\(text)")
        #expect(bench.state("block")?.word == "offline")
        #expect(bench.state("argon") == .ready, "another board goes on")
        bench.run(20)
        #expect(bench.state("stm")?.word == "faulted")
        #expect(try bench.act(.board(.clear), "stm", for: 3) == .done)
        #expect(bench.state("block") == .ready)
        #expect(bench.shown("heater.block.output") == 0)
    }

    @Test func aBoardThatStartsAnewIsSeenAndItsOutputsAreOff() throws {
        var bench = ready()
        try bench.act(.valve(.select(position: "open")), "argon", for: 2)
        try bench.fault("uno", "board_restart")
        bench.run(0.5)
        #expect(bench.truth("uno", "D4") == .bool(false))
        #expect(bench.state("argon") != .ready)
        bench.run(8)
        #expect(bench.state("argon") == .ready, "\(bench.notices)")
        #expect(bench.truth("uno", "D4") == .bool(false), "it is not opened again")
        #expect(bench.notices.contains { $0.contains("has started anew") }, "\(bench.notices)")
    }

    @Test func anUnpluggedBoardComesBackSafe() throws {
        var bench = ready()
        try bench.act(.valve(.select(position: "open")), "nitrogen", for: 2)
        try bench.fault("uno", "unplug", 4)
        bench.run(1.5)
        #expect(bench.truth("uno", "D5") == .bool(false), "its dead-man timer closed it")
        bench.run(15)
        #expect(bench.state("nitrogen") == .ready, "\(bench.notices)")
        #expect(bench.truth("uno", "D5") == .bool(false))
    }

    @Test func aTripClosesWhatHangsOnTheBoards() throws {
        var bench = ready()
        try bench.act(.valve(.select(position: "open")), "argon", for: 0.5)
        let run = DeviceCommand.pump(
            .run(flow: FlowRate(microlitersPerMinute: 3000), volume: Volume(microliters: 5000)))
        try bench.act(run, "drain", for: 0.5)
        bench.trip("smell of solvent")
        bench.run(1)
        #expect(bench.truth("uno", "D4") == .bool(false))
        #expect(bench.truth("stm32f103", "axis_1_moving") == .bool(false))
        #expect(bench.core.unproven == [])
    }

    /// What has inputs alone cannot be brought anywhere: it is looked at, and is safe.
    @Test func inputsAloneAreProvenAfterATrip() throws {
        var bench = ready()
        bench.trip("smell of solvent")
        bench.run(5)
        #expect(bench.core.unproven == [])
        #expect(bench.notices.contains("panel proven"), "\(bench.notices)")
    }

    @Test func thePressedEmergencyStopEndsAllOnItsBoardUntilSomebodyClearsIt() throws {
        var bench = ready()
        try bench.act(.valve(.select(position: "open")), "argon", for: 2)
        try bench.fault("uno", "emergency_stop", 8)
        bench.run(0.5)
        #expect(bench.truth("uno", "D4") == .bool(false))
        let early = try bench.act(.board(.clear), "uno", for: 4)
        #expect(early?.text.contains("stop") == true && early != .done, "it is pressed still: \(early?.text ?? "-")")
        bench.run(20)
        let text = try #require(bench.state("uno")?.detail)
        #expect(bench.state("uno")?.word == "faulted" && text.contains("stop"), "\(text)")
        #expect(try bench.act(.board(.clear), "uno", for: 3) == .done)
        #expect(bench.state("argon") == .ready)
        #expect(bench.truth("uno", "D4") == .bool(false))
    }

    /// A bad line moves nothing that was not asked for, and does not wedge the session for good.
    @Test(arguments: ["corrupt", "truncate", "duplicate", "garbage", "delay"])
    func aBadLineMovesNothing(fault: String) throws {
        var bench = ready()
        try bench.fault("uno", fault, 20)
        bench.run(25)
        #expect(bench.truth("uno", "D4") == .bool(false))
        #expect(bench.truth("uno", "D5") == .bool(false))
        bench.run(40)
        #expect(bench.state("argon") == .ready, "\(fault): \(bench.notices)")
        #expect(try bench.act(.valve(.select(position: "open")), "argon") == .done)
        #expect(bench.truth("uno", "D4") == .bool(true))
    }
}
