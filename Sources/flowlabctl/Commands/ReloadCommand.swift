import ControlAPI
import ControlClient

extension Command {
    static let reload = Command(
        "reload", "Has the daemon read its bench file anew; says what holds now and what needs a restart (admin).",
        examples: ["reload"]
    ) { (context) throws(Failure) in
        try context.ask(SystemReload.self, Empty()) { result in
            for key in result.applied { Terminal.line(Terminal.clean("\(key): holds now")) }
            for key in result.needsRestart { Terminal.line(Terminal.clean("\(key): holds after a restart")) }
            if result.applied.isEmpty, result.needsRestart.isEmpty { Terminal.line("nothing has changed") }
        }
    }
}
