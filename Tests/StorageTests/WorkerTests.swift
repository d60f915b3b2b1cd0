import Primitives
import Storage
import Testing

/// Work handed to a thread beside.
@Suite struct WorkerTests {
    /// What pieces did, which the worker alone touches until it is waited for.
    final class Trace: @unchecked Sendable {
        var steps: [Int] = []
    }

    @Test("pieces are done in order, beside the caller or in its thread", arguments: [true, false])
    func order(isBeside: Bool) throws {
        let worker = Worker(isBeside: isBeside)
        let trace = Trace()
        for number in 0..<500 {
            try worker.run { () throws(ShopError) in trace.steps.append(number) }
        }
        try worker.wait()
        #expect(trace.steps == Array(0..<500))
        worker.end()
    }

    @Test("the first error stops all that follows and comes out", arguments: [true, false])
    func failure(isBeside: Bool) throws {
        let worker = Worker(isBeside: isBeside)
        let trace = Trace()
        #expect(throws: ShopError(.io, "io-error", "a broken disk")) {
            for number in 0..<500 {
                try worker.run { () throws(ShopError) in
                    trace.steps.append(number)
                    if number == 3 { throw ShopError(.io, "io-error", "a broken disk") }
                }
            }
            try worker.wait()
        }
        worker.end()
        #expect(trace.steps == [0, 1, 2, 3])
    }

    @Test("ending waits for the piece at hand")
    func end() throws {
        let trace = Trace()
        let worker = Worker(isBeside: true)
        try worker.run { () throws(ShopError) in
            for number in 0..<200_000 { trace.steps.append(number) }
        }
        worker.end()
        #expect(trace.steps.isEmpty || trace.steps.count == 200_000)
    }
}
