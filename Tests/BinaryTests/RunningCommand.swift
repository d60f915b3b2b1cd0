import Foundation
import TestSupport

/// A process of the program that runs while the test goes on; what it prints is collected.
final class RunningCommand: @unchecked Sendable {
    private let process: Process
    private let lock = NSCondition()
    private var output = Data()
    private var errors = Data()
    private var openPipes = 2

    init(_ process: Process, _ output: Pipe, _ errors: Pipe) throws {
        self.process = process
        try process.run()
        collect(output, asErrors: false)
        collect(errors, asErrors: true)
    }

    private func collect(_ pipe: Pipe, asErrors: Bool) {
        let file = pipe.fileHandleForReading
        Thread.detachNewThread { [self] in
            while true {
                let data = file.availableData
                lock.withLock {
                    if asErrors { errors.append(data) } else { output.append(data) }
                    if data.isEmpty { openPipes -= 1 }
                    lock.broadcast()
                }
                if data.isEmpty { return }
            }
        }
    }

    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Waits until the process has printed something, or has ended.
    func waitForOutput() {
        lock.withLock {
            while output.isEmpty, openPipes > 0 { lock.wait() }
        }
    }

    /// Waits for its end.
    func finish() -> Binary.Outcome {
        process.waitUntilExit()
        return lock.withLock {
            while openPipes > 0 { lock.wait() }
            return Binary.Outcome(
                code: process.terminationReason == .exit
                    ? process.terminationStatus : 128 + process.terminationStatus,
                output: String(decoding: output, as: UTF8.self),
                errors: String(decoding: errors, as: UTF8.self))
        }
    }
}

extension Binary {
    /// Starts the program and goes on.
    func start(_ arguments: [String], through shell: String? = nil) throws -> RunningCommand {
        let (process, output, errors) = process(arguments, through: shell)
        return try RunningCommand(process, output, errors)
    }

    /// Writes a file beside the shop.
    func file(_ name: String, _ text: String) throws -> String {
        let path = home.file(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}
