package import Primitives

extension Store {
    /// Transactions that are seen by this process and durable only together: one write and one
    /// sync for all of them.
    struct Group {
        /// Where in the journal its lines will stand.
        var start = 0
        /// The first transaction in it; nil while it is empty.
        var first: Int?
        /// Its lines.
        var bytes: [UInt8] = []
        var count = 0
        /// Why a group could not be made durable: none may follow it.
        var failure: ShopError?
        /// Called whenever all that was done so far is durable.
        let settled: () -> Void

        static let mostLines = 256
    }

    /// Holds the lock over `body`, and makes its transactions durable a group at a time: 256 of
    /// them, or what there is when the lock was held for 20 ms.
    ///
    /// Nothing may be reported as done before `settled` is called next (S1). Where a group cannot
    /// be made durable, nothing of it is stored and every later transaction of `body` fails.
    package func grouping<R>(
        settled: @escaping () -> Void, _ body: () throws(ShopError) -> R
    ) throws(ShopError) -> R {
        try holdingLock { () throws(ShopError) in
            group = Group(settled: settled)
            defer { group = nil }
            let result: R
            do throws(ShopError) {
                result = try body()
            } catch {
                // What came before the failure stays done.
                try settle()
                throw error
            }
            try settle()
            return result
        }
    }

    /// Whether a group was lost, so that going on is of no use.
    package var hasLostGroup: Bool { group?.failure != nil }

    /// Makes durable what a group still holds in memory; nothing where there is no group.
    package func settle() throws(ShopError) {
        guard let group else { return }
        if let failure = group.failure { throw failure }
        if let generation, group.count > 0 {
            do throws(ShopError) {
                try write(group.bytes, at: group.start, of: generation)
            } catch {
                let failure = error.groupLost(group.count)
                self.group?.failure = failure
                // Memory is ahead of the file (S7).
                self.generation = nil
                throw failure
            }
            writeWatermark(generation)
            self.group?.bytes.removeAll(keepingCapacity: true)
            self.group?.count = 0
            self.group?.first = nil
        }
        group.settled()
    }

    /// Takes a transaction into the group.
    func hold(_ line: JournalLine.Encoded, of generation: Generation) throws(ShopError) {
        if group?.count == 0 {
            group?.start = generation.tail.end
            group?.first = generation.tail.tx + 1
        }
        group?.bytes += line.bytes
        group?.count += 1
        generation.adopt(line)
        if let count = group?.count, count >= Group.mostLines { try settle() }
    }
}

extension ShopError {
    fileprivate func groupLost(_ count: Int) -> ShopError {
        guard kind != .unknown else { return self }
        var copy = self
        copy.reason =
            count == 1
            ? "nothing of this command is stored"
            : "nothing of the last \(count) changes is stored: they are one group"
        return copy
    }
}
