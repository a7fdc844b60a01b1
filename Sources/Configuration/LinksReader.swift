import Drivers

/// One table `[links.X]`; without a spec when something is wrong with it.
struct LinkPart {
    let name: String
    let table: Table
    var transport: Transport?
    var spec: LinkSpec?
}

extension BenchReader {
    func readLinks(_ general: GeneralPart) -> [LinkPart] {
        let links = document.top.namedTables("links", required: "a table for each link, as [links.heater]").map {
            name, table in
            let link = readLink(name, table)
            if let spec = link.spec, general.clockRate != 1 { checkLoopback(spec, of: table) }
            return link
        }
        checkPorts(links)
        return links
    }

    private func readLink(_ name: String, _ table: Table) -> LinkPart {
        checkName(name, of: table)
        var link = LinkPart(name: name, table: table)
        let given = BenchKeys.transports.filter(table.has)
        guard let first = given.first else {
            document.open(table)
            document.report(table.path, ": missing; expected one of \(BenchKeys.transports.joined(separator: ", "))")
            return link
        }
        guard given.count == 1 else {
            for key in given + BenchKeys.lineKeys { _ = table.raw(key) }
            document.report(table.path, ": has \(given.joined(separator: " and ")); expected exactly one of them")
            return link
        }
        switch first {
        case "serial":
            link.transport = .serial
            link.spec = serial(name, table)
        case "tcp":
            link.transport = .tcp
            link.spec = address(name, table, BenchKeys.tcp).map { .tcp(host: $0.host, port: $0.port) }
        case "folder":
            link.transport = .folder
            link.spec = folder(name, table)
        case "modbus_rtu":
            link.transport = .modbus
            link.spec = modbusRTU(name, table)
        default:
            link.transport = .modbus
            link.spec = address(name, table, BenchKeys.modbusTCP).map { .modbusTCP(host: $0.host, port: $0.port) }
        }
        return link
    }

    private func serial(_ name: String, _ table: Table) -> LinkSpec? {
        guard let (path, baud) = port(name, table, BenchKeys.serial) else { return nil }
        return .serial(path: path, baud: baud)
    }

    private func folder(_ name: String, _ table: Table) -> LinkSpec? {
        guard let written = table.read(BenchKeys.folder) else { return nil }
        guard endpoints != nil else { return .folder(path: resolved(written)) }
        switch endpoint(name, table) {
        case .path(let path)?: return .folder(path: path)
        case .address?: reportKind(table, expected: "a path")
        case nil: break
        }
        return nil
    }

    private func modbusRTU(_ name: String, _ table: Table) -> LinkSpec? {
        let line = port(name, table, BenchKeys.modbusRTU)
        let parity = table.read(BenchKeys.parity).flatMap(LinkSpec.Parity.init(rawValue:))
        let stopBits = table.read(BenchKeys.stopBits)
        guard let (path, baud) = line, let parity, let stopBits else { return nil }
        return .modbusRTU(path: path, baud: baud, parity: parity, stopBits: Int(stopBits))
    }

    /// A serial port, and its speed.
    private func port(_ name: String, _ table: Table, _ key: Key<String>) -> (path: String, baud: Int)? {
        let written = table.read(key)
        guard let baud = table.read(BenchKeys.baud), let written else { return nil }
        guard endpoints != nil else { return (resolved(written), Int(baud)) }
        switch endpoint(name, table) {
        case .path(let path)?: return (path, Int(baud))
        case .address?: reportKind(table, expected: "a path")
        case nil: break
        }
        return nil
    }

    private func address(_ name: String, _ table: Table, _ key: Key<NetworkAddress>) -> (host: String, port: UInt16)? {
        guard let written = table.read(key) else { return nil }
        guard endpoints != nil else { return (written.host, written.port) }
        switch endpoint(name, table) {
        case .address(let host, let port)?: return (host, port)
        case .path?: reportKind(table, expected: "a host and a port")
        case nil: break
        }
        return nil
    }

    /// What the endpoints file says of a link; nil without such a file, or reported when the link is not in it.
    private func endpoint(_ name: String, _ table: Table) -> Endpoints.Place? {
        guard let endpoints else { return nil }
        if let place = endpoints.links[name] { return place }
        let known = oneOf(endpoints.links.keys.sorted(), given: name)
        document.report(table.path, ": not in the endpoints file \(endpoints.name); expected \(known)")
        return nil
    }

    private func reportKind(_ table: Table, expected: String) {
        document.report(
            table.path, ": of another kind in the endpoints file \(endpoints?.name ?? ""); expected \(expected) there")
    }

    func checkName(_ name: String, of table: Table) {
        if !NameForm.underscored.accepts(name) {
            document.report(table.path, ": expected \(NameForm.underscored.expected)")
        }
    }

    private func checkLoopback(_ spec: LinkSpec, of table: Table) {
        switch spec {
        case .serial, .modbusRTU, .folder: return
        case .tcp(let host, _), .modbusTCP(let host, _):
            if host == "localhost" || host == "::1" || host.hasPrefix("127.") { return }
            let key = BenchKeys.transports.first(where: table.has) ?? "tcp"
            table.wrong(key, expected: "a loopback address, since bench.clock_rate is not 1")
        }
    }

    private func checkPorts(_ links: [LinkPart]) {
        var owners: [String: String] = [:]
        for link in links {
            guard let spec = link.spec else { continue }
            if let owner = owners[spec.port] {
                document.report(
                    link.table.path, ": \(spec.port) is the port of links.\(owner) already; expected another")
            } else {
                owners[spec.port] = link.name
            }
        }
    }
}
