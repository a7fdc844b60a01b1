import CModbus
import Glibc
import Platform
import Synchronization

/// A slave made of libmodbus's own server side, on a thread of the test: ten of each kind at address 0; input 3 is on, and input
/// register 4 is 1234.
final class ModbusServer: Sendable {
    enum Mood: Equatable {
        case answering
        /// Takes requests and says nothing.
        case mute
    }

    private struct State {
        var mood = Mood.answering
        var requests: [[UInt8]] = []
        var client: Int32 = -1
        var isStopping = false
    }

    /// Signalled for each request that came, before it is answered.
    let arrived: WakeEvent
    /// While it is set, each answer waits for one signal of it.
    private let gate: WakeEvent?
    private let listener: LoopbackServer
    private let state = Mutex(State())
    private let thread = Mutex<WorkerThread?>(nil)

    var port: UInt16 { listener.port }

    /// - Parameter gated: each answer waits until `release` is called.
    init(gated: Bool = false) throws {
        arrived = try WakeEvent()
        gate = gated ? try WakeEvent() : nil
        listener = LoopbackServer()
        let started = try WorkerThread(name: "modbus-server") { [unowned self] in serveClients() }
        thread.withLock { $0 = started }
    }

    /// The requests so far, without their header: function code first.
    var requests: [[UInt8]] { state.withLock { $0.requests } }

    func be(_ mood: Mood) { state.withLock { $0.mood = mood } }

    func release() { gate?.signal() }

    /// Cuts the connection that is open.
    func dropClient() { state.withLock { _ = shutdown($0.client, Int32(SHUT_RDWR)) } }

    func stop() {
        state.withLock {
            $0.isStopping = true
            shutdown($0.client, Int32(SHUT_RDWR))
        }
        shutdown(listener.descriptor, Int32(SHUT_RDWR))
        gate?.signal()
        thread.withLock { $0.take() }?.join()
    }

    private func serveClients() {
        guard let context = modbus_new_tcp("127.0.0.1", Int32(port)), let registers = modbus_mapping_new(10, 10, 10, 10)
        else { return }
        registers.pointee.tab_input_bits[3] = 1
        registers.pointee.tab_input_registers[4] = 1234
        defer {
            modbus_mapping_free(registers)
            modbus_free(context)
        }
        var listening = listener.descriptor
        while modbus_tcp_accept(context, &listening) >= 0 {
            let isStopping = state.withLock { state in
                state.client = modbus_get_socket(context)
                return state.isStopping
            }
            if !isStopping { serveRequests(context, registers) }
            state.withLock { $0.client = -1 }
            modbus_close(context)
        }
    }

    private func serveRequests(_ context: OpaquePointer, _ registers: UnsafeMutablePointer<modbus_mapping_t>) {
        var request = [UInt8](repeating: 0, count: Int(MODBUS_TCP_MAX_ADU_LENGTH))
        while true {
            let length = modbus_receive(context, &request)
            guard length >= 0 else { return }
            let mood = state.withLock { state in
                state.requests.append(Array(request[7..<Int(length)]))
                return state.mood
            }
            arrived.signal()
            if let gate, gate.wait(timeout: patience) { gate.clear() }
            if mood == .answering { modbus_reply(context, request, length, registers) }
        }
    }
}
