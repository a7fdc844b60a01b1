/// The kinds of entries that a program may wait for, each with the number by which the journal knows it for ever
/// (`MESSAGE_ID`, systemd.journal-fields(7)) and its words in the message catalog.
public enum MessageID: String, Sendable, CaseIterable {
    case ready, ending, reloaded, reloadRefused
    case experiment, device, deviceLost, foundRunning
    case tripped, reset, bypass, safeShown, safeStatePass
    case alarm, alarmOver, maintenance, trouble

    public var id: String {
        switch self {
        case .ready: "bc5d4e1586294c83b3a90eb3b3faed65"
        case .ending: "49439fa5592d495583a1591adba0de7a"
        case .reloaded: "5a0931cd2e8f42eea5e4bd8f5f9db238"
        case .reloadRefused: "1deab9fba5814a60a059534cede061ba"
        case .experiment: "90e65c6a7793477399df9a44a3a8dbfb"
        case .device: "aaf4705d76224e34a1b00f570ed93da9"
        case .deviceLost: "c2e897e2cf434103b2a0dfca6c22b295"
        case .foundRunning: "24d99f22458a442dad50c1849a6d5520"
        case .tripped: "6503c92269794df1a565b3aeec3c7a66"
        case .reset: "90871aa8518747f5966ce0a36ba93bea"
        case .bypass: "8c15c7ccd7a842dda8834dc3d818a0cf"
        case .safeShown: "4b02d789dd1e4b6aa22f542f94293266"
        case .safeStatePass: "9536134286d84d8fa84924ebeac4ed40"
        case .alarm: "debd75516faa43378362c8762d2db2a0"
        case .alarmOver: "e9d8673543e945a18258482b4d13f7af"
        case .maintenance: "d1363126db5d44e4a5433173b4502f8c"
        case .trouble: "364b079259b641d8ad0e430c65d36a00"
        }
    }

    /// The catalog's headline; `@FIELD@` is filled in by journalctl.
    public var subject: String {
        switch self {
        case .ready: "Bench @FLOWLAB_BENCH@ is served"
        case .ending: "The daemon of bench @FLOWLAB_BENCH@ ends"
        case .reloaded: "The bench file of @FLOWLAB_BENCH@ was read anew"
        case .reloadRefused: "The bench file of @FLOWLAB_BENCH@ could not be read anew"
        case .experiment: "Experiment @FLOWLAB_EXPERIMENT@ on bench @FLOWLAB_BENCH@: @FLOWLAB_KIND@"
        case .device: "Device @FLOWLAB_DEVICE@ of bench @FLOWLAB_BENCH@: @FLOWLAB_KIND@"
        case .deviceLost: "Device @FLOWLAB_DEVICE@ of bench @FLOWLAB_BENCH@ cannot be used: @FLOWLAB_KIND@"
        case .foundRunning: "Device @FLOWLAB_DEVICE@ of bench @FLOWLAB_BENCH@ runs and nobody asked for it"
        case .tripped: "Interlock @FLOWLAB_INTERLOCK@ of bench @FLOWLAB_BENCH@ has tripped"
        case .reset: "Interlock @FLOWLAB_INTERLOCK@ of bench @FLOWLAB_BENCH@ was reset"
        case .bypass: "Interlock @FLOWLAB_INTERLOCK@ of bench @FLOWLAB_BENCH@: @FLOWLAB_KIND@"
        case .safeShown: "Device @FLOWLAB_DEVICE@ of bench @FLOWLAB_BENCH@ has shown its safe state"
        case .safeStatePass: "Bench @FLOWLAB_BENCH@ is brought to its safe state after its daemon has died"
        case .alarm: "Alarm @FLOWLAB_ALARM@ on bench @FLOWLAB_BENCH@"
        case .alarmOver: "Alarm @FLOWLAB_ALARM@ on bench @FLOWLAB_BENCH@ is over"
        case .maintenance: "Bench @FLOWLAB_BENCH@ is in somebody's hands"
        case .trouble: "The daemon of bench @FLOWLAB_BENCH@ cannot do its work in full"
        }
    }

    /// What it means, and what to do now.
    public var explanation: String {
        switch self {
        case .ready:
            "The control socket is served, the bench file is loaded and the archive is open. Devices come by themselves; "
                + "\"systemctl status\" and \"flowlabctl devices\" say which are ready."
        case .ending:
            "It was asked to end, or cannot go on. Heaters are switched off and pumps are stopped before it does; an "
                + "experiment that ran is interrupted, and waits again or not as the bench file says (interrupted)."
        case .reloaded:
            "Groups of [roles] and the program of notify hold at once. The text names what else has changed in the file: "
                + "it holds after the next start of the daemon."
        case .reloadRefused:
            "Nothing has changed: the daemon goes on with the bench file that it has. Correct the file and check it with "
                + "\"flowlabctl config check FILE\" before the daemon is started again, or it will not start."
        case .experiment:
            "\"flowlabctl experiments @FLOWLAB_EXPERIMENT@\" tells the whole story, with what was measured."
        case .device: "Nothing need be done."
        case .deviceLost:
            "The experiment that used it has failed, and the bench goes on without it. Look at its cable, its power and "
                + "its port; it is tried again by itself, and never resumes what it did. \"flowlabctl devices\" says "
                + "how it is, \"flowlabctl doctor\" looks at its port."
        case .foundRunning:
            "It was started at its panel, or has run on while nobody controlled it. It was told to stop, and nothing "
                + "new starts until a read-back shows that it stands. If it does not stop, stop it by hand."
        case .tripped:
            "The bench was brought to its safe state, and stays there until a technician resets the interlock. Find the "
                + "cause first: the text, \"flowlabctl alarms\", and \"flowlabctl interlocks list\" with what to do. Then "
                + "\"flowlabctl interlocks reset @FLOWLAB_INTERLOCK@\"."
        case .reset: "Experiments that wait start again once nothing is latched."
        case .bypass: "\"flowlabctl interlocks list\" says who took it out of service, why and until when."
        case .safeShown: "What was read back after a trip proves it. Nothing need be done."
        case .safeStatePass:
            "The daemon was killed, hung or crashed. Each device is told its safe state and read back; one that did not "
                + "show it must be switched off by hand, now. The daemon is started again. Find out why it died "
                + "(\"journalctl FLOWLAB_BENCH=@FLOWLAB_BENCH@\"). Where an experiment ran it comes up held: look at the "
                + "bench, then \"flowlabctl interlocks reset unclean-end\"."
        case .alarm:
            "\"flowlabctl alarms\" says since when, how urgent it is and what to do. A technician acknowledges it with "
                + "\"flowlabctl alarms acknowledge @FLOWLAB_ALARM@\"."
        case .alarmOver: "Its condition is gone. Nothing need be done."
        case .maintenance: "\"flowlabctl status\" says who works on what, and until when."
        case .trouble:
            "Part of the daemon cannot do what it is there for: the archive, the flight recorder, the program that alarms "
                + "call, a client. The text says which and why; safety does not depend on it. \"flowlabctl doctor\" looks "
                + "at disk, permissions and limits."
        }
    }

    /// The message catalog's source, for `journalctl --update-catalog`.
    public static var catalog: String {
        allCases.map { kind in
            """
            -- \(kind.id)
            Subject: \(kind.subject)
            Defined-By: flowlab
            Documentation: man:flowlabd(8) man:flowlabctl(1)

            \(wrapped(kind.explanation))

            """
        }.joined(separator: "\n")
    }

    /// Lines of 79 characters at most.
    private static func wrapped(_ text: String) -> String {
        var (lines, line) = ([String](), "")
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > 79 {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
