package import Primitives

/// The steps that keep a command's cost flat, one at a time, after the answer.
///
/// ```
///   fold │ merge │ rebase: new files, durable ─▶ the manifest after it ─▶ publish ─▶ sweep
/// ```
/// A step reads a generation and writes files that nobody knows yet; only the manifest that it
/// returns makes them count. In a group the whole of it is done beside (`Store+Beside.swift`).
extension Store {
    enum Step {
        /// The journal's tail goes into the sorted files.
        case fold
        /// Neighbouring runs of one size become one.
        case merge(Range<Int>)
        /// The runs' changes in the range of a segment go into new segments.
        case rebase
    }

    /// At most one bounded step that keeps later commands fast, to be taken after the answer.
    ///
    /// Does nothing while another process is at it. What fails here fails no command: the debt
    /// stays for the next one.
    ///
    /// - Returns: whether there was a step to take.
    @discardableResult
    package func maintain() -> Bool {
        if let step = group?.maintenance { return maintain(step) }
        guard let generation, nextStep(generation) != nil else { return false }
        do throws(ShopError) {
            return try holdingCompaction { () throws(ShopError) in try takeStep() } ?? false
        } catch {
            return false
        }
    }

    /// Takes every step there is to take, for tests and for `doctor`.
    package func maintainFully() throws(ShopError) {
        try settle()
        while try holdingCompaction({ () throws(ShopError) in try takeStep() }) == true {}
    }

    /// Runs `body` as the one process that merges or imports; nil when another one is.
    func holdingCompaction<R>(_ body: () throws(ShopError) -> R) throws(ShopError) -> R? {
        awaitStep()
        guard let compact = try lockCompaction() else { return nil }
        defer { files.close(compact) }
        return try body()
    }

    /// COMPACT, locked until it is closed; nil while another process merges or imports.
    func lockCompaction() throws(ShopError) -> FileDescriptor? {
        let file = try files.open(paths.compact, .update, to: "open")
        do throws(ShopError) {
            let isTaken = try files.at(paths.compact, "lock") { () throws(SystemError) in
                try files.system.lock(file, .exclusive, waiting: 0)
            }
            if isTaken { return file }
        } catch {
            files.close(file)
            throw error
        }
        files.close(file)
        return nil
    }

    /// The step that is due, the most urgent first.
    func nextStep(_ generation: Generation) -> Step? {
        if isFoldDue(generation) { return .fold }
        if let runs = runsToMerge(generation.manifest.runs) { return .merge(runs) }
        return isRebaseDue(generation) ? .rebase : nil
    }

    private func isFoldDue(_ generation: Generation) -> Bool {
        // A batch has its tail in memory already, and larger folds save merging their runs later.
        let most = lockDepth > 0 ? thresholds.batchFolds : 1
        return generation.tail.bytes >= thresholds.foldBytes * most
            || generation.tail.lines >= thresholds.foldLines * most
    }

    private func takeStep() throws(ShopError) -> Bool {
        guard let generation, !isPoisoned, try isNewest(generation) else { return false }
        try checkWriting(generation)
        switch nextStep(generation) {
        case nil: return false
        case .fold: try fold()
        case let step?:
            // Outside LOCK: others go on meanwhile, and only publishing waits for them.
            let manifest = try manifest(after: step, of: generation)
            try acquire()
            defer { release() }
            guard try isNewest(generation) else { return true }
            try publish(manifest)
            try adoptPublished(manifest)
        }
        return true
    }

    /// Folds under LOCK: the tail is at most a few hundred lines, and nobody can append to a
    /// journal that is being rotated.
    func fold() throws(ShopError) {
        try acquire()
        defer { release() }
        guard let generation, generation.tail.tx > generation.manifest.folded.tx else { return }
        let manifest = try manifest(after: .fold, of: generation)
        do throws(ShopError) {
            try publish(manifest)
        } catch {
            // It may stand there all the same, and name another journal file: nothing is to be
            // appended to the one at hand before somebody has looked.
            self.generation = nil
            throw error
        }
        try adoptPublished(manifest)
    }

    /// Writes the files of a step. They are durable when this returns, and what makes them count
    /// is to publish the manifest.
    func manifest(after step: Step, of generation: Generation) throws(ShopError) -> Manifest {
        var manifest = generation.manifest
        manifest.generation += 1
        switch step {
        case .fold: try fold(generation, &manifest)
        case .merge(let runs): try merge(runs, of: generation, &manifest)
        case .rebase: try rebase(generation, &manifest)
        }
        return manifest
    }

    /// Opens the generation just published, moves the watermark, and sweeps what it replaced.
    func adoptPublished(_ manifest: Manifest) throws(ShopError) {
        generation = nil
        let newest = try newestGeneration()
        if lockDepth > 0 {
            _ = try newest.extendTail(upTo: nil)
            writeWatermark(newest)
        } else {
            _ = try refreshForReading()
        }
        try sweep(keeping: manifest)
    }
}
