import Glibc
package import Primitives

/// Does pieces of work one after the other on a thread beside the caller's.
///
/// What a piece touches belongs to the worker from `run` to `wait`: the caller hands over and
/// does not look. The first error stops everything and comes out of the next `run` or `wait`.
package final class Worker: @unchecked Sendable {
    package typealias Piece = () throws(ShopError) -> Void

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    // Everything below is guarded by the mutex.
    private var waiting: [Piece] = []
    private var isBusy = false
    private var isEnding = false
    private var failure: ShopError?
    private var thread: pthread_t?
    /// So many pieces may wait: what they hold is memory.
    private static let mostWaiting = 2

    /// - Parameter isBeside: false does each piece at once, in the caller's thread: where the
    ///   order of system calls must be the same every time.
    package init(isBeside: Bool) {
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
        guard isBeside else { return }
        var thread = pthread_t()
        let argument = Unmanaged.passUnretained(self).toOpaque()
        let started = pthread_create(
            &thread, nil,
            { argument in
                if let argument {
                    Unmanaged<Worker>.fromOpaque(argument).takeUnretainedValue().work()
                }
                return nil
            }, argument)
        // Without a thread the pieces are done at once.
        if started == 0 { self.thread = thread }
    }

    deinit {
        end()
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Hands over a piece; waits while too many are waiting already.
    package func run(_ piece: @escaping Piece) throws(ShopError) {
        guard thread != nil else { return try piece() }
        pthread_mutex_lock(mutex)
        while waiting.count >= Self.mostWaiting, failure == nil {
            pthread_cond_wait(changed, mutex)
        }
        let failure = failure
        if failure == nil {
            waiting.append(piece)
            pthread_cond_broadcast(changed)
        }
        pthread_mutex_unlock(mutex)
        if let failure { throw failure }
    }

    /// Whether all pieces are done, or one has failed: `wait` would not wait.
    package var isIdle: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return failure != nil || !isBusy && waiting.isEmpty
    }

    /// Waits until all pieces are done.
    package func wait() throws(ShopError) {
        pthread_mutex_lock(mutex)
        while isBusy || !waiting.isEmpty, failure == nil { pthread_cond_wait(changed, mutex) }
        let failure = failure
        pthread_mutex_unlock(mutex)
        if let failure { throw failure }
    }

    /// Ends the thread: the piece at hand is done to its end, those waiting are dropped.
    package func end() {
        guard let thread else { return }
        pthread_mutex_lock(mutex)
        isEnding = true
        waiting = []
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
        pthread_join(thread, nil)
        self.thread = nil
    }

    private func work() {
        pthread_mutex_lock(mutex)
        while !isEnding {
            guard !waiting.isEmpty else {
                pthread_cond_wait(changed, mutex)
                continue
            }
            let piece = waiting.removeFirst()
            isBusy = true
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
            var caught: ShopError?
            do throws(ShopError) { try piece() } catch { caught = error }
            pthread_mutex_lock(mutex)
            isBusy = false
            if let caught {
                failure = failure ?? caught
                waiting = []
            }
            pthread_cond_broadcast(changed)
        }
        pthread_mutex_unlock(mutex)
    }
}
