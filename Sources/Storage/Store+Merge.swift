import Primitives

/// Merging runs of one size into one of the next.
extension Store {
    func runName(_ first: Int, _ last: Int) -> String {
        "recent/R-\(zeroPadded(first, 16))-\(zeroPadded(last, 16)).jsonl"
    }

    /// The oldest neighbouring runs of one size, when there are enough of them to merge.
    func runsToMerge(_ runs: [Manifest.TableFile]) -> Range<Int>? {
        // In a batch a thread beside merges: what would keep a command waiting makes fewer runs.
        let largestRun = thresholds.largestRun * (lockDepth > 0 ? thresholds.batchMerges : 1)
        func size(_ run: Manifest.TableFile) -> Int {
            var size = 0
            var limit = thresholds.foldBytes * 2
            while run.bytes >= limit, limit < largestRun {
                size += 1
                limit *= 4
            }
            return size
        }
        let count = thresholds.runsPerSize
        guard runs.count >= count else { return nil }
        for start in (0...(runs.count - count)).reversed() {
            let group = runs[start..<start + count]
            let largest = size(runs[start])
            if group.allSatisfy({ size($0) == largest && $0.bytes < largestRun }) {
                return start..<start + count
            }
        }
        return nil
    }

    /// Merges neighbouring runs into one; what the base already holds is left out.
    func merge(
        _ range: Range<Int>, of generation: Generation, _ manifest: inout Manifest
    ) throws(ShopError) {
        let runs = Array(manifest.runs[range])
        guard let first = runs.first, let last = runs.last else { return }
        let writer = try TableWriter(files, paths, name: runName(first.fromTx, last.upTo))
        for collection in layout.collections {
            let keys = KeyRange(collection: collection.name)
            var sources: [Cursor] = []
            for run in runs.reversed() where run.holds(collection.name.utf8) {
                sources.append(
                    try TableCursor(
                        run, isRun: true, from: keys.from, to: keys.to, .ascending, of: generation))
            }
            let merged = try MergedCursor(
                newestFirst: sources, base: nil,
                covering: generation.segments(of: collection.name),
                collection: collection.name.utf8.count, .ascending)
            while !merged.isAtEnd {
                try writer.add(line: merged.change.line, key: merged.change.key)
                try merged.advance()
            }
        }
        if writer.isEmpty {
            manifest.runs.removeSubrange(range)
        } else {
            let run = try writer.finish(fromTx: first.fromTx, upTo: last.upTo)
            manifest.runs.replaceSubrange(range, with: [run])
            try files.synchronizeDirectory(paths.recent)
        }
    }
}
