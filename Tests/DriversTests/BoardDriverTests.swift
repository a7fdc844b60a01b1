import DeviceModel
import Drivers
import Quantities
import Testing

/// Boards and what hangs on them, by recorded exchanges.
struct BoardDriverTests {
    static let drivers = ["board-gas-valve", "board-peristaltic-pump", "board-pid-heater", "board-stepper", "board-io"]

    static let exchanges: [(driver: String, name: String)] = drivers.flatMap { driver in
        ((try? ExchangePlayer.names(driver + "-")) ?? []).map { (driver, $0) }
    }

    @Test(arguments: exchanges.map(\.name)) func exchange(_ name: String) throws {
        let driver = try #require(Self.exchanges.first { $0.name == name }?.driver)
        try ExchangePlayer.play(name, driver: driver)
    }

    @Test(arguments: try ExchangePlayer.names("flowlab-")) func boardExchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "flowlab-board")
    }

    /// Each driver has one, so that its fuzzer has something to begin with.
    @Test(arguments: drivers) func hasAnExchange(_ driver: String) {
        #expect(Self.exchanges.contains { $0.driver == driver })
    }
}
