import ControlAPI
import ControlClient
import Experiments
import Quantities
import Usage

/// What a shell asks while somebody types. The shells' scripts are thin: they ask this program, and it asks the daemon.
extension Command {
    static let completion = Command(
        "completion", "A script that lets a shell complete the words of flowlabctl.", operands: ["bash|zsh"],
        examples: ["completion bash >/etc/bash_completion.d/flowlabctl", "completion zsh >~/.zfunc/_flowlabctl"],
        notes: "To try it in this shell: source <(flowlabctl completion bash)"
    ) { (context) throws(Failure) in
        switch context.operands[0] {
        case "bash": Terminal.write(bash)
        case "zsh": Terminal.write(zsh)
        default: throw context.usage("expected bash or zsh")
        }
        return ExitCode.done
    }

    // COMP_WORDS is cut at = and :, so the line itself is read; what precedes the last of them stays as it was typed.
    private static let bash = """
        # Completion of flowlabctl for bash, as `flowlabctl completion bash` prints it.
        _flowlabctl() {
            local line=${COMP_LINE:0:COMP_POINT} words word cut reply
            read -ra words <<<"$line"
            [[ $line != *[[:space:]] ]] || words+=("")
            word=${words[-1]} cut=${word%"${word##*[=:]}"} COMPREPLY=()
            while IFS=$'\\t' read -r reply _; do
                case $reply in
                    :file) compopt -o filenames; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "${word#"$cut"}") ;;
                    :directory) compopt -o filenames; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "${word#"$cut"}") ;;
                    *=) compopt -o nospace; COMPREPLY+=("${reply#"$cut"}") ;;
                    *) COMPREPLY+=("${reply#"$cut"}") ;;
                esac
            done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
        }
        complete -F _flowlabctl flowlabctl

        """

    private static let zsh = """
        #compdef flowlabctl
        # Completion of flowlabctl for zsh, as `flowlabctl completion zsh` prints it.
        _flowlabctl() {
            local line tab=$'\\t'
            local -a found open
            for line in "${(@f)$(${words[1]} __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
                case $line in
                    :file) _files ;;
                    :directory) _files -/ ;;
                    *=$tab*|*=) open+=("${${line%%$tab*}//:/\\\\:}:${line#*$tab}") ;;
                    ?*) found+=("${${line%%$tab*}//:/\\\\:}:${line#*$tab}") ;;
                esac
            done
            (( $#open )) && _describe -t values value open -S ''
            (( $#found )) && _describe -t words word found
            return 0
        }
        if [[ $funcstack[1] == _flowlabctl ]]; then _flowlabctl "$@"; else compdef _flowlabctl flowlabctl; fi

        """
}

/// Answers a shell: one word a line, with its meaning after a tab; `:file` and `:directory` leave it to the shell.
struct Completer {
    /// A shell that hangs is worse than one that knows nothing.
    static let patience = WireDuration.seconds(1)
    static let mostNames = 100

    let commands: [Command]

    /// - Parameter words: those after the program's name; the last one is being written.
    func lines(_ words: [String]) -> [String] {
        let word = words.last ?? ""
        guard let name = words.dropLast().first else {
            return matching(word, commands.map { ($0.name, $0.parser.summary) } + [("--help", "All commands.")])
        }
        guard let command = commands.first(where: { $0.name == name }) else {
            return name == "help" ? matching(word, commands.map { ($0.name, $0.parser.summary) }) : []
        }
        let completion = command.parser.completion(after: Array(words.dropFirst().dropLast()), of: word)
        let socket = given("--socket", words)
        var lines = matching(word, completion.words)
        for values in completion.values {
            switch values {
            case .file: lines.append(":file")
            case .directory: lines.append(":directory")
            case .words(let known): lines += matching(word, known.map { (completion.prefix + $0, "") })
            case .named(let kind):
                lines += matching(word, names(kind, socket).map { (completion.prefix + $0.word, $0.help) })
            }
        }
        return lines
    }

    private func given(_ option: String, _ words: [String]) -> String? {
        if let joined = words.first(where: { $0.hasPrefix("\(option)=") }) {
            return String(joined.dropFirst(option.count + 1))
        }
        return words.firstIndex(of: option).flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
    }

    private func matching(_ word: String, _ known: [(word: String, help: String)]) -> [String] {
        known.filter { $0.word.hasPrefix(word) }.map { "\(Terminal.clean($0.word))\t\(Terminal.clean($0.help))" }
    }

    /// Nothing where there is no daemon.
    private func names(_ kind: String, _ socket: String?) -> [(word: String, help: String)] {
        guard let daemon = try? DaemonConnection(socket: SocketPath.find(socket)) else { return [] }
        return (try? Self.names(kind, daemon)) ?? []
    }

    private static func names(
        _ kind: String, _ daemon: DaemonConnection
    ) throws(ClientError) -> [(word: String, help: String)] {
        switch kind {
        case "device":
            return try daemon.call(DevicesList.self, Empty(), patience: patience).devices.map { ($0.device, $0.state) }
        case "signal":
            return try daemon.call(SignalsList.self, Empty(), patience: patience).signals.map {
                ($0.signal, $0.unit.rawValue)
            }
        case "interlock":
            return try daemon.call(InterlocksList.self, Empty(), patience: patience).interlocks.map {
                ($0.interlock, $0.state)
            }
        case "alarm":
            return try daemon.call(AlarmsList.self, Empty(), patience: patience).alarms.map { ($0.alarm, $0.state) }
        case "campaign":
            return try daemon.call(CampaignsList.self, CampaignsList.Params(), patience: patience).campaigns.map {
                ($0.campaign, $0.name)
            }
        case "experiment":
            return try experiments(daemon).map { ($0.experiment, $0.state.rawValue) }
        case "flow", "input":
            let form = try daemon.call(RecipesSchema.self, Empty(), patience: patience)
                .kinds[kind == "flow" ? "flows" : "box"]
            let lead = kind == "flow" ? "flows_ul_min." : "x."
            return (form?.parameters ?? []).filter { $0.name.hasPrefix(lead) }.map {
                ("\($0.name.dropFirst(lead.count))=", $0.meaning)
            }
        default: return []
        }
    }

    /// All of a short list; of a long one those that have not ended.
    private static func experiments(_ daemon: DaemonConnection) throws(ClientError) -> [ExperimentsList.Summary] {
        let all = try daemon.call(
            ExperimentsList.self, ExperimentsList.Params(limit: mostNames), patience: patience)
        guard all.next != nil else { return all.experiments }
        let pending = ExperimentsList.Params(limit: mostNames, pending: true)
        return try daemon.call(ExperimentsList.self, pending, patience: patience).experiments
    }
}

/// What stands where a daemon knows the names.
extension ArgumentParser.Operand {
    static let experiment = ArgumentParser.Operand("ID", of: .named("experiment"))
    static let maybeExperiment = ArgumentParser.Operand("[ID]", of: .named("experiment"))
}
