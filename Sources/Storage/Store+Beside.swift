import Primitives

/// A step of maintenance that is taken on a thread beside a group's transactions.
///
/// ```
///   due ─begin─▶ under way: a twin of the generation is read, files are written, the manifest
///                that names them is published ─adopt─▶ what it replaced is swept
/// ```
/// Nobody else publishes meanwhile: LOCK is held, and before it is given back, and before this
/// process publishes something else, the step is waited for.
final class StepBeside {
    let worker: Worker
    /// What the step under way comes to; nil while there is none. The worker's until it is idle.
    fileprivate var outcome: Outcome?
    /// After a step that failed or could not be begun, the transaction to try again at.
    fileprivate var restsUntil = 0
    fileprivate static let rest = 256

    fileprivate final class Outcome {
        var manifest: Manifest?
    }

    init(_ worker: Worker) {
        self.worker = worker
    }
}

extension Store {
    /// `maintain()` in a group.
    func maintainBeside() -> Bool {
        guard let maintenance = group?.maintenance, maintenance.worker.isIdle else { return false }
        adoptStep()
        guard let generation, generation.tail.tx >= maintenance.restsUntil,
            let step = nextStep(generation)
        else { return false }
        do throws(ShopError) {
            // What a group holds is no part of the journal yet, and not to be folded (S1).
            try settle()
            if try begin(step, of: generation, maintenance) { return true }
        } catch {}
        maintenance.restsUntil = generation.tail.tx + StepBeside.rest
        return false
    }

    private func begin(
        _ step: Step, of generation: Generation, _ maintenance: StepBeside
    ) throws(ShopError) -> Bool {
        guard !isPoisoned, try isNewest(generation) else { return false }
        try checkWriting(generation)
        if case .fold = step, isRotationDue(generation) {
            // The next transaction goes into another journal file.
            return try compacting { () throws(ShopError) in try fold() } != nil
        }
        let twin = generation.twin()
        let outcome = StepBeside.Outcome()
        maintenance.outcome = outcome
        try maintenance.worker.run { [self] () throws(ShopError) in
            // What fails here fails no transaction: the debt stays.
            do throws(ShopError) {
                outcome.manifest = try compacting { () throws(ShopError) in
                    let manifest = try manifest(after: step, of: twin)
                    try publish(manifest)
                    return manifest
                }
            } catch {}
        }
        return true
    }

    /// Goes on with what the step beside has published. The transactions made meanwhile, of which
    /// some are in memory only, come along.
    private func adoptStep() {
        guard let maintenance = group?.maintenance, let outcome = maintenance.outcome,
            let generation
        else { return }
        maintenance.outcome = nil
        guard let manifest = outcome.manifest,
            let newest = try? newestGeneration(after: generation)
        else {
            // The generation at hand shows the same.
            maintenance.restsUntil = generation.tail.tx + StepBeside.rest
            return
        }
        self.generation = newest
        do throws(ShopError) {
            try maintenance.worker.run { [self] () throws(ShopError) in
                do throws(ShopError) {
                    _ = try compacting { () throws(ShopError) in try sweep(keeping: manifest) }
                } catch {}
            }
        } catch {}
    }

    /// Waits for the step beside, when there is one.
    func awaitStep() {
        guard let maintenance = group?.maintenance else { return }
        do throws(ShopError) { try maintenance.worker.wait() } catch {}
        adoptStep()
        do throws(ShopError) { try maintenance.worker.wait() } catch {}
    }
}
