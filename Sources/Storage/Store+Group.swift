package import Primitives

/// Answers that wait until what they say is durable.
package struct HeldAnswers {
    /// How many there are so far.
    let mark: () -> Int
    /// Shows all before a mark.
    let release: (_ upTo: Int) -> Void

    package init(mark: @escaping () -> Int, release: @escaping (_ upTo: Int) -> Void) {
        self.mark = mark
        self.release = release
    }
}

/// Transactions that this process sees already and that become durable together.
///
/// ```
///   hold ─▶ pending ──launch: one write──▶ in flight ──land: its sync is done──▶ answers released
/// ```
/// One flight is under way at a time, its sync on a thread beside: the next transactions are worked
/// out while the disk takes the last ones.
extension Store {
    struct Group {
        /// Where in the journal the pending lines will stand.
        var start = 0
        /// The first transaction that is pending; nil while none is.
        var first: Int?
        /// The pending lines.
        var bytes: [UInt8] = []
        var count = 0
        var flight: Flight?
        /// Why a flight could not be made durable: none may follow it.
        var failure: ShopError?
        let answers: HeldAnswers
        let syncer: Worker
        let maintenance: StepBeside

        static let mostLines = 256
    }

    /// Lines that are written and not known to be durable.
    struct Flight {
        var start: Int
        var end: Int
        var tx: Int
        var count: Int
        /// The mark of the answers that it makes true.
        var answers: Int
        /// Whose journal file is open for the sync.
        var generation: Generation
    }

    /// Holds the lock over `body`, whose transactions are durable before their answers are
    /// released (S1): when `advance()` or `settle()` finds them so, when 256 more or those of 20 ms
    /// are ready, and before the lock is given to others.
    ///
    /// Where some cannot be made durable, nothing of them is stored and every later transaction of
    /// `body` fails.
    package func grouping<R>(
        _ answers: HeldAnswers, _ body: () throws(ShopError) -> R
    ) throws(ShopError) -> R {
        let maintenance = StepBeside(Worker(isBeside: files.system.isConcurrent))
        defer { end(maintenance) }
        return try holdingLock { () throws(ShopError) in
            let syncer = Worker(isBeside: files.system.isConcurrent)
            group = Group(answers: answers, syncer: syncer, maintenance: maintenance)
            defer {
                awaitPublication()
                group = nil
                syncer.end()
            }
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

    /// Moves a group on without waiting for the disk: releases what it has taken, and gives it what
    /// came since. To be called when the answers of all transactions so far are held.
    package func advance() throws(ShopError) {
        guard let group else { return }
        if let failure = group.failure { throw failure }
        guard group.flight == nil || group.syncer.isIdle else { return }
        try launchNext()
    }

    /// Makes durable what a group still holds in memory, and releases all answers; nothing where
    /// there is no group.
    package func settle() throws(ShopError) {
        guard let group else { return }
        if let failure = group.failure { throw failure }
        try launchNext()
        try land()
        group.answers.release(.max)
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
        if let count = group?.count, count >= Group.mostLines { try launchNext() }
    }

    /// Waits for the flight under way, and gives the disk what came since.
    func launchNext() throws(ShopError) {
        try land()
        try launch()
    }

    private func launch() throws(ShopError) {
        guard let group, group.count > 0, let generation else { return }
        let (files, journal, path) = (files, generation.journal, generation.journalPath)
        do throws(ShopError) {
            try append(group.bytes, at: group.start, of: generation)
        } catch {
            throw lose(error)
        }
        self.group?.flight = Flight(
            start: group.start, end: generation.tail.end, tx: generation.tail.tx,
            count: group.count, answers: group.answers.mark(), generation: generation)
        self.group?.bytes.removeAll(keepingCapacity: true)
        self.group?.count = 0
        self.group?.first = nil
        do throws(ShopError) {
            try group.syncer.run { () throws(ShopError) in
                try files.at(path, "sync") { () throws(SystemError) in
                    try files.system.synchronizeData(journal)
                }
            }
        } catch {
            try abandon(error)
        }
    }

    /// Waits for the flight under way; nothing where there is none.
    private func land() throws(ShopError) {
        guard let group, let flight = group.flight, let generation else { return }
        do throws(ShopError) {
            try group.syncer.wait()
        } catch {
            return try abandon(error)
        }
        self.group?.flight = nil
        writeWatermark(generation, tx: flight.tx, end: flight.end)
        group.answers.release(flight.answers)
    }

    /// After the sync of a flight failed (S7).
    private func abandon(_ error: ShopError) throws(ShopError) {
        guard let flight = group?.flight, let generation else { return }
        if isPlanted("failed-sync-retried") {
            group?.flight = nil
            return writeWatermark(generation, tx: flight.tx, end: flight.end)
        }
        do throws(ShopError) {
            try relocate(generation, upTo: flight.start, after: error)
        } catch {
            throw lose(error)
        }
    }

    /// Forgets what the group holds, and says how much it was.
    private func lose(_ error: ShopError) -> ShopError {
        let failure = error.groupLost((group?.flight?.count ?? 0) + (group?.count ?? 0))
        group?.failure = failure
        group?.flight = nil
        // Memory is ahead of the file.
        generation = nil
        return failure
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
