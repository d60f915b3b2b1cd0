import Primitives
import Storage

/// Reads the rows of an import on a thread beside the one that takes them.
///
/// What reads belongs to that thread until `each` returns or throws.
final class ReadAhead<Row> {
    private let read: () throws(ShopError) -> Row?
    private var ready: [Row] = []
    private static var batch: Int { 512 }

    init(_ read: @escaping () throws(ShopError) -> Row?) {
        self.read = read
    }

    /// - Parameter visit: may change the row, which is its own.
    func each(_ visit: (inout Row) throws(ShopError) -> Void) throws(ShopError) {
        // A short file was read before, and is not worth a thread's while.
        guard try fill() else { return }
        let worker = Worker(isBeside: true)
        defer { worker.end() }
        while !ready.isEmpty {
            var batch = ready
            ready = []
            try worker.run { [self] () throws(ShopError) in _ = try fill() }
            for index in batch.indices { try visit(&batch[index]) }
            try worker.wait()
        }
    }

    /// Reads the next batch; false when there is none.
    private func fill() throws(ShopError) -> Bool {
        ready.reserveCapacity(Self.batch)
        while ready.count < Self.batch, let row = try read() { ready.append(row) }
        return !ready.isEmpty
    }
}
