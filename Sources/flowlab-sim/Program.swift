import Glibc

@main enum Program {
    static func main() {
        do {
            let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
            if arguments.wantsHelp { return print(Arguments.parser.help, terminator: "") }
            if arguments.wantsManual { return print(Arguments.manual.roff, terminator: "") }
            let simulation = try Simulation(arguments)
            describe(simulation)
            try simulation.run()
        } catch let refusal as Arguments.Refusal {
            fail(refusal.description, status: 2)
        } catch {
            fail("\(error)", status: 1)
        }
    }

    private static func describe(_ simulation: Simulation) {
        let files = simulation.files
        print("flowlab-sim: seed \(simulation.arguments.seed), \(simulation.arguments.speed) bench seconds a second")
        print("  pumps          \(files.directory)/pump-cui ... pump-pfo")
        if simulation.ports["heater"] == nil { print("  heater         \(simulation.files.terminal("heater"))") }
        for (link, port) in simulation.ports.sorted(by: { $0.key < $1.key }) {
            print("  \(link)\(String(repeating: " ", count: 15 - link.utf8.count))127.0.0.1:\(port)")
        }
        print("  endpoints      \(files.directory)/endpoints.json")
        print("  faults         \(files.faults)")
        print("  truth          \(files.truth)")
        let terminal = simulation.files.terminal("heater")
        let (options, place) =
            simulation.ports["heater"].map { ("-m tcp -p \($0)", "127.0.0.1") } ?? ("-m rtu -P none", terminal)
        print("try:  mbpoll \(options) -a 1 -0 -r 2820 -c 1 -t 4:float -1 \(place)")
        fflush(nil)
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        _ = transmit(STDERR_FILENO, Array("flowlab-sim: \(text)\n".utf8)[...])
        exit(status)
    }
}
