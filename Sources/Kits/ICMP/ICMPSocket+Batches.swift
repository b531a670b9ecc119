import CLinux
import Glibc
import Posix

/// Memory for one batch of messages each way, used again and again on the loop's thread.
final class BatchBuffer {
    static let capacity = Int(PP_ICMP_BATCH)
    private static let kept = Int(PP_ICMP_KEPT)

    let requests: UnsafeMutablePointer<pp_icmp_request>
    let received: UnsafeMutablePointer<pp_icmp_received>
    let bytes: UnsafeMutableRawPointer

    init() {
        requests = .allocate(capacity: Self.capacity)
        requests.initialize(repeating: pp_icmp_request(), count: Self.capacity)
        received = .allocate(capacity: Self.capacity)
        received.initialize(repeating: pp_icmp_received(), count: Self.capacity)
        bytes = .allocate(byteCount: Self.capacity * Self.kept, alignment: 16)
    }

    deinit {
        requests.deallocate()
        received.deallocate()
        bytes.deallocate()
    }

    func message(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + index * Self.kept, count: Int(received[index].length))
    }
}

extension ICMPSocket {
    /// Sends a batch in one call; the number of echoes sent, or the error number of the first one.
    func send(_ batch: ArraySlice<EchoLedger.Outgoing>, _ buffer: BatchBuffer) -> Result<Int, PosixError> {
        for (index, echo) in batch.enumerated() {
            let request = echo.request
            let padding = max(0, request.payload - EchoPacket.smallestPayload)
            buffer.requests[index] = pp_icmp_request(
                address: request.target.words, head: echo.packet(identifier: identifier).words(for: family),
                source: request.source?.words ?? (0, 0), scope: request.target.scope,
                source_scope: request.source?.scope ?? 0, padding: UInt32(min(padding, 65000)),
                hops: request.hops, has_source: request.source == nil ? 0 : 1)
        }
        let sent = pp_icmp_send(descriptor, family.number, buffer.requests, Int32(batch.count))
        return sent >= 0 ? .success(Int(sent)) : .failure(PosixError("send echo requests"))
    }

    /// Receives up to one batch; 0 when nothing is there.
    func receive(_ buffer: BatchBuffer) -> Int {
        let bytes = buffer.bytes.assumingMemoryBound(to: UInt8.self)
        return max(0, Int(pp_icmp_receive(descriptor, bytes, buffer.received, Int32(BatchBuffer.capacity))))
    }

    /// The message at `index` of the last batch, and who sent it.
    func message(_ index: Int, _ buffer: BatchBuffer) -> (ICMPMessage, ICMPAddress) {
        let received = buffer.received[index]
        let message = ICMPMessage(
            buffer.message(index), family: family, hasHeader: kind == .raw && family == .ipv4,
            isCut: received.is_cut != 0)
        let source = ICMPAddress(family: family, words: received.address, scope: received.scope)
        return (message, source)
    }

    /// Takes one error off the queue of a datagram socket, as the message that a raw socket would have seen.
    func nextError(_ buffer: BatchBuffer) -> (ICMPMessage, ICMPAddress)? {
        let bytes = buffer.bytes.assumingMemoryBound(to: UInt8.self)
        guard kind == .datagram, pp_icmp_receive_error(descriptor, bytes, buffer.received) == 1 else {
            return nil
        }
        let received = buffer.received[0]
        guard received.length >= 8, received.has_offender != 0 else { return (.other, anySource(received)) }
        let quoted = buffer.message(0)
        let sequence = UInt16(bigEndian: quoted.loadUnaligned(fromByteOffset: 6, as: UInt16.self))
        let message = ICMPMessage.error(
            type: received.error_type, code: received.error_code, identifier: identifier, sequence: sequence,
            target: anySource(received))
        return (message, ICMPAddress(family: family, words: received.offender))
    }

    private func anySource(_ received: pp_icmp_received) -> ICMPAddress {
        ICMPAddress(family: family, words: received.address, scope: received.scope)
    }
}
