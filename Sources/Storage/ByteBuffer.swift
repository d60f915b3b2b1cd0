import Glibc

/// Bytes that grow at the end, in memory of their own.
///
/// For what is written record by record: an array asks before every piece whether it is shared,
/// and a structure's owner whether somebody else is looking.
package final class ByteBuffer {
    private var start: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    package init(capacity: Int) {
        self.capacity = max(16, capacity)
        start = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { start.deallocate() }

    /// Valid until the next call.
    package var all: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Makes room for so many bytes at once.
    @inline(__always)
    func reserve(_ size: Int) {
        if capacity - count < size { grow(by: size) }
    }

    @inline(never)
    private func grow(by size: Int) {
        capacity = max(capacity * 2, count + size)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        moved.copyMemory(from: start, byteCount: count)
        start.deallocate()
        start = moved
    }

    @inline(__always)
    package func append(_ bytes: UnsafeRawBufferPointer) {
        guard let from = bytes.baseAddress else { return }
        reserve(bytes.count)
        memcpy(start + count, from, bytes.count)
        count += bytes.count
    }

    @inline(__always)
    func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    package func append(_ byte: UInt8) {
        reserve(1)
        start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    package func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// The eight bytes of a number, as they stand in memory.
    package func append(_ number: Int64) {
        withUnsafeBytes(of: number) { append($0) }
    }

    /// Whether these are the bytes.
    package func holds(_ bytes: UnsafeRawBufferPointer) -> Bool { compareBytes(all, bytes) == 0 }

    /// Puts other bytes in the place of all.
    @inline(__always)
    package func replaceAll(with bytes: UnsafeRawBufferPointer) {
        count = 0
        append(bytes)
    }

    /// Takes away the first bytes; the rest moves to the beginning.
    func removeFirst(_ size: Int) {
        memmove(start, start + size, count - size)
        count -= size
    }

    package func removeAll() { count = 0 }
}
