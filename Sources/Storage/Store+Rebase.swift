import Primitives

/// The base step: the runs' changes in the range of one segment go into new segments, until a
/// pass over all segments is done and the runs that it began with are dropped.
///
/// ```
///   runs weigh half of what they may ─▶ a pass begins: up to transaction T
///     ─▶ a step for every so many bytes of new runs: the next segment that is not up to T
///     ─▶ no segment is left: runs whose every change the base holds are dropped
/// ```
/// Spread like this, one command of some hundred pays for a step, and the pass is done before
/// the runs weigh all that they may.
extension Store {
    /// What the runs may weigh before the base must have caught up with them.
    private func runLimit(_ manifest: Manifest) -> Int {
        let base = manifest.collections.reduce(0) { $0 + $1.bytes }
        return max(thresholds.largestRun, min(thresholds.mostRunBytes, base / 16))
    }

    /// What the runs weigh against that limit: as what every lookup pays, in which the few large
    /// runs of batches hardly count, or as space, of which all may take a quarter of the base.
    private func weight(_ manifest: Manifest) -> Int {
        var ordinary = 0
        var all = 0
        for run in manifest.runs {
            all += run.bytes
            if run.bytes <= thresholds.largestRun * 2 { ordinary += run.bytes }
        }
        let limit = runLimit(manifest)
        let base = manifest.collections.reduce(0) { $0 + $1.bytes }
        return max(ordinary, Int(Double(all) * Double(limit) / Double(max(limit, base / 4))))
    }

    func isRebaseDue(_ generation: Generation) -> Bool {
        let manifest = generation.manifest
        let half = runLimit(manifest) / 2
        let weight = weight(manifest)
        guard weight >= half else { return false }
        guard let pass = manifest.pass else { return true }
        guard pass.left > 0, weight < half * 2 else { return true }
        let done = Double(pass.of) - Double(pass.left)
        return done * Double(half) < Double(weight - half) * Double(pass.of)
    }

    /// Takes the next step of the pass under way, or of a new one.
    func rebase(_ generation: Generation, _ manifest: inout Manifest) throws(ShopError) {
        let pass = manifest.pass ?? newPass(manifest)
        manifest.pass = pass
        for collection in layout.collections where isBehind(collection, pass.upTo, manifest) {
            guard try rebase(collection, of: generation, &manifest) else { continue }
            break
        }
        let isDone = !layout.collections.contains { isBehind($0, pass.upTo, manifest) }
        if isDone {
            dropCaughtUpRuns(&manifest)
            manifest.pass = nil
        }
    }

    private func newPass(_ manifest: Manifest) -> Manifest.Pass {
        let upTo = manifest.folded.tx
        let count = layout.collections.filter { isBehind($0, upTo, manifest) }
            .reduce(0) { (sum, collection) in
                let base = manifest.collections.first { $0.name == collection.name }
                return sum + max(1, base?.count ?? 0)
            }
        return Manifest.Pass(upTo: upTo, of: max(1, count), left: count)
    }

    /// Whether a run has a change up to `tx` that a segment of the collection may not hold.
    private func isBehind(
        _ collection: Layout.Collection, _ tx: Int, _ manifest: Manifest
    ) -> Bool {
        let base = manifest.collections.first { $0.name == collection.name }
        let oldest = base.map { $0.count > 0 ? $0.oldest : 0 } ?? 0
        return oldest < tx
            && manifest.runs.contains {
                $0.fromTx <= tx && $0.upTo > oldest && $0.holds(collection.name.utf8)
            }
    }

    /// Brings the next segments of a collection up to date: any number of those that no run
    /// changes, and the first one that has to be written anew.
    ///
    /// - Returns: whether one was written.
    private func rebase(
        _ collection: Layout.Collection, of generation: Generation, _ manifest: inout Manifest
    ) throws(ShopError) -> Bool {
        var segments = try generation.segments(of: collection.name).all()
        let upTo = manifest.folded.tx
        let view = FoldedView(generation)
        var isWritten = false
        var caughtUp = 0
        if segments.isEmpty {
            let cursor = try view.mergedCursor(KeyRange(collection: collection.name), .ascending)
            segments = try writeSegments(
                from: cursor, of: collection, covering: [], upTo: upTo, &manifest)
            isWritten = true
            caughtUp = 1
        }
        let target = manifest.pass?.upTo ?? upTo
        var index = 0
        while !isWritten, index < segments.count {
            guard segments[index].upTo < target else {
                index += 1
                continue
            }
            caughtUp += 1
            let range = Self.range(of: index, in: segments, collection.name)
            guard try view.hasRunChanges(in: range, above: segments[index].upTo) else {
                segments[index].upTo = upTo
                continue
            }
            let written = try writeSegments(
                from: try view.mergedCursor(range, .ascending), of: collection,
                covering: segments[index].first, upTo: upTo, &manifest)
            segments.replaceSubrange(index...index, with: written)
            isWritten = true
        }
        if let left = manifest.pass?.left { manifest.pass?.left = max(0, left - caughtUp) }
        manifest.set(try self.collection(collection, of: segments, &manifest.nextFile))
        try files.synchronizeDirectory("\(paths.root)/\(collection.directory)")
        return isWritten
    }

    /// The keys that segment `index` covers: from its first one to the next segment's.
    static func range(
        of index: Int?, in segments: [Manifest.TableFile], _ collection: String
    ) -> KeyRange {
        let whole = KeyRange(collection: collection)
        guard let index else { return whole }
        let prefix = Array("\(collection)/".utf8)
        return KeyRange(
            from: index == 0 ? whole.from : prefix + segments[index].first,
            to: index + 1 < segments.count ? prefix + segments[index + 1].first : whole.to)
    }

    /// Drops the runs whose every change the base holds.
    private func dropCaughtUpRuns(_ manifest: inout Manifest) {
        let collections = manifest.collections
        let layout = layout
        manifest.runs.removeAll { run in
            layout.collections.allSatisfy { collection in
                guard run.holds(collection.name.utf8) else { return true }
                guard let base = collections.first(where: { $0.name == collection.name }) else {
                    return false
                }
                return base.count > 0 && base.oldest >= run.upTo
            }
        }
    }
}

/// The state without the journal's tail: what runs and segments hold.
private final class FoldedView: View {
    override func overlays(_ range: KeyRange, _ direction: ScanDirection) -> [Cursor] { [] }

    /// Whether a run has a change in `range` that a segment up to `tx` does not hold.
    func hasRunChanges(in range: KeyRange, above tx: Int) throws(ShopError) -> Bool {
        let collection = Self.collection(of: range.from)
        for run in generation.manifest.runs where run.upTo > tx && run.holds(collection) {
            let cursor = try TableCursor(
                run, isRun: true, from: range.from, to: range.to, .ascending, of: generation)
            if !cursor.isAtEnd { return true }
        }
        return false
    }
}
