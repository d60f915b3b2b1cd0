import Formats
package import Primitives
import Storage
import Users

extension Shop {
    /// What became of the codes in the outbox.
    package struct Delivered: Sendable, Equatable {
        package var sent = 0
        /// Those that nobody could use any more; they are removed.
        package var over = 0
        /// What is still in the outbox, by the file's name, and why.
        package var failures: [Failure] = []

        package init(sent: Int = 0, over: Int = 0, failures: [Failure] = []) {
            self.sent = sent
            self.over = over
            self.failures = failures
        }

        package struct Failure: Sendable, Equatable {
            package var file: String
            package var problem: String

            package init(file: String, problem: String) {
                self.file = file
                self.problem = problem
            }
        }
    }

    /// Hands the codes in the outbox to the operator's delivery program, for whoever may know to
    /// whom codes were sent.
    ///
    /// - Throws: `no-delivery` (78), `no-permission` (77).
    package func deliverCodes(through program: ExecSettings?) throws(ShopError) -> Delivered {
        try read(.manageUsers) { (_, _) throws(ShopError) in }
        guard let program else { throw .noDelivery(store.path) }
        return request.isDryRun ? try countOutbox() : try emptyOutbox(through: program)
    }

    /// What the program would be handed, and what nobody could use any more.
    private func countOutbox() throws(ShopError) -> Delivered {
        var result = Delivered()
        for name in try store.outbox() {
            guard let document = try store.contentsOfOutbox(name) else { continue }
            let isOver = Self.end(of: document).map { $0 <= clock.now() } ?? false
            if isOver { result.over += 1 } else { result.sent += 1 }
        }
        return result
    }

    /// Hands each file of the outbox to the program and removes it once the program ended with 0.
    /// What fails stays, to be tried anew by the next one.
    ///
    /// One process does so at a time, and another leaves at once: whoever is at it looks again
    /// after letting go, so that no file is left to neither.
    package func emptyOutbox(through program: ExecSettings) throws(ShopError) -> Delivered {
        var result = Delivered()
        var tried: Set<String> = []
        func pass() throws(ShopError) {
            var waiting = try untried(tried)
            while !waiting.isEmpty {
                for name in waiting {
                    tried.insert(name)
                    try send(name, through: program, &result)
                }
                waiting = try untried(tried)
            }
        }
        while try !untried(tried).isEmpty {
            guard try store.holdingOutbox(pass) != nil else { break }
        }
        return result
    }

    private func untried(_ tried: Set<String>) throws(ShopError) -> [String] {
        try store.outbox().filter { !tried.contains($0) }
    }

    private func send(
        _ name: String, through program: ExecSettings, _ result: inout Delivered
    ) throws(ShopError) {
        guard let document = try store.contentsOfOutbox(name) else { return }
        let problem: String?
        switch Self.end(of: document) {
        case nil: problem = "it is not a code's file"
        case let end? where end <= clock.now():
            try store.removeFromOutbox(name)
            result.over += 1
            return
        default: problem = program.problem(handing: document)
        }
        if let problem {
            result.failures.append(.init(file: name, problem: problem))
        } else {
            try store.removeFromOutbox(name)
            result.sent += 1
        }
    }

    /// Until when the code of a file is good; nil where it is not one.
    private static func end(of document: [UInt8]) -> Timestamp? {
        guard let value = try? JSONValue(parsing: document) else { return nil }
        return value["expiresAt"]?.text.flatMap { Timestamp(rfc3339: $0) }
    }
}

extension ExecSettings {
    /// Starts the program with a document on its standard input, and nothing of it elsewhere.
    ///
    /// - Returns: why it cannot be said to have done its work.
    fileprivate func problem(handing document: [UInt8]) -> String? {
        let child: ChildProgram
        do throws(SystemError) {
            child = try ChildProgram(program, arguments)
        } catch {
            return "\(program): \(error.text)"
        }
        switch child.converse(document, seconds: timeLimit) {
        case .exited(0, _): return nil
        case .exited(let code, _): return "the program ended with \(code)"
        case .killed(let signal): return "the program was ended by signal \(signal)"
        case .late: return "the program took more than \(timeLimit) s"
        }
    }
}

extension ShopError {
    static func noDelivery(_ directory: String) -> ShopError {
        ShopError(
            .config, "no-delivery", "nothing says which program delivers codes",
            why: "they wait in \(directory)/outbox",
            try: ["\"delivery\":{\"program\":\"/usr/local/bin/send-code\"} in the config file"])
    }
}
