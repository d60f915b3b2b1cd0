import Glibc

/// The few places where a command uses more than one core.
enum Threads {
    /// Cores that are there to be used; at least one.
    static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Calls `work` with 0 to `count - 1` at once, once on this thread, and waits for all of them.
    /// Where the system gives no thread, this one does its work as well.
    static func run(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        var threads: [pthread_t] = []
        var left: [Int] = []
        for index in 1..<max(1, count) {
            let task = Unmanaged.passRetained(Task { work(index) })
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { pointer in
                    if let pointer {
                        Unmanaged<Task>.fromOpaque(pointer).takeRetainedValue().body()
                    }
                    return nil
                }, task.toOpaque())
            if status == 0 {
                threads.append(thread)
            } else {
                task.release()
                left.append(index)
            }
        }
        if count > 0 { work(0) }
        left.forEach(work)
        for thread in threads { pthread_join(thread, nil) }
    }

    private final class Task {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
