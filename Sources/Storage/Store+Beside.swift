import Primitives

/// A step of maintenance that is taken on a thread beside a group's transactions.
///
/// ```
///   idle ─begin─▶ writing ──publish──▶ publishing ──adopt──▶ sweeping ─▶ idle
///        COMPACT   files, from a        the manifest that     what it
///                  twin of the          names them            replaced
///                  generation           (LOCK is held)
/// ```
/// The thread works, and the group's own moves from one to the next between two transactions.
/// COMPACT is held all the time, so that nobody else publishes a step; LOCK may be given away and
/// taken again while files are written, and is kept while they are published.
final class StepBeside {
    enum Phase { case idle, writing, publishing, sweeping }

    let worker: Worker
    fileprivate(set) var phase = Phase.idle
    /// What the worker writes to; nobody looks while it is at work.
    fileprivate let outcome = Outcome()
    /// The manifest that the step began from, by its inode.
    fileprivate var began: UInt64 = 0
    fileprivate var compact: FileDescriptor?
    /// After a step that failed or could not be begun, the transaction to try again at.
    fileprivate var restsUntil = 0
    fileprivate static let rest = 256

    fileprivate final class Outcome {
        var manifest: Manifest?
        var isPublished = false
    }

    init(_ worker: Worker) {
        self.worker = worker
    }

    /// Has the worker do `piece`. What fails in it fails no transaction: the debt stays.
    fileprivate func work(_ next: Phase, _ piece: @escaping Worker.Piece) {
        phase = next
        do throws(ShopError) {
            try worker.run { () throws(ShopError) in
                do throws(ShopError) { try piece() } catch {}
            }
        } catch {}
    }

    fileprivate func waitForWork() {
        do throws(ShopError) { try worker.wait() } catch {}
    }
}

extension Store {
    /// `maintain()` in a group.
    ///
    /// - Returns: whether a step was begun.
    func maintain(_ step: StepBeside) -> Bool {
        guard step.worker.isIdle else { return false }
        moveOn(step)
        guard step.phase == .idle, let generation, generation.tail.tx >= step.restsUntil,
            let next = nextStep(generation)
        else { return false }
        do throws(ShopError) {
            // What a group holds is no part of the journal yet, and not to be folded (S1).
            try settle()
            if try begin(next, of: generation, step) { return true }
        } catch {}
        step.restsUntil = generation.tail.tx + StepBeside.rest
        return false
    }

    private func begin(
        _ next: Step, of generation: Generation, _ step: StepBeside
    ) throws(ShopError) -> Bool {
        guard !isPoisoned, try isNewest(generation) else { return false }
        try checkWriting(generation)
        if case .fold = next, isRotationDue(generation) {
            // The next transaction goes into another journal file.
            return try holdingCompaction { () throws(ShopError) in try fold() } != nil
        }
        guard let compact = try lockCompaction() else { return false }
        step.compact = compact
        step.began = generation.inode
        step.outcome.manifest = nil
        step.outcome.isPublished = false
        let twin = generation.twin()
        step.work(.writing) { [self, outcome = step.outcome] () throws(ShopError) in
            outcome.manifest = try manifest(after: next, of: twin)
        }
        return true
    }

    /// Goes on from what the worker has done.
    private func moveOn(_ step: StepBeside) {
        let outcome = step.outcome
        switch step.phase {
        case .idle: break
        case .writing:
            guard lockDepth > 0, let manifest = outcome.manifest, generation?.inode == step.began
            else { return end(step, isDone: false) }
            step.work(.publishing) { [self] () throws(ShopError) in
                try publish(manifest)
                outcome.isPublished = true
            }
        case .publishing:
            guard let manifest = outcome.manifest, outcome.isPublished, adopt() else {
                return end(step, isDone: false)
            }
            step.work(.sweeping) { [self] () throws(ShopError) in try sweep(keeping: manifest) }
        case .sweeping: end(step, isDone: true)
        }
    }

    private func end(_ step: StepBeside, isDone: Bool) {
        if let compact = step.compact { files.close(compact) }
        step.compact = nil
        step.phase = .idle
        if !isDone { step.restsUntil = (generation?.tail.tx ?? 0) + StepBeside.rest }
    }

    /// Goes on with what was published. The transactions made meanwhile, of which some are in
    /// memory only, come along. Where it cannot be opened, the generation at hand shows the same.
    private func adopt() -> Bool {
        guard let generation, let newest = try? newestGeneration(after: generation) else {
            return false
        }
        self.generation = newest
        return true
    }

    /// Waits for the step beside to be done, when there is one.
    func awaitStep() {
        guard let step = group?.maintenance else { return }
        finish(step)
    }

    private func finish(_ step: StepBeside) {
        while step.phase != .idle {
            step.waitForWork()
            moveOn(step)
        }
    }

    /// Waits for a manifest that is being published; LOCK is kept until it is.
    func awaitPublication() {
        guard let step = group?.maintenance, step.phase == .publishing else { return }
        step.waitForWork()
        moveOn(step)
    }

    /// At the end of a group: LOCK is free while files are written, and taken to publish them.
    func end(_ step: StepBeside) {
        if step.phase == .writing { step.waitForWork() }
        if step.phase != .idle {
            do throws(ShopError) {
                try acquire()
                finish(step)
                release()
            } catch {
                step.waitForWork()
                end(step, isDone: false)
            }
        }
        step.worker.end()
    }
}
