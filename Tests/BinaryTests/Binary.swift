import Foundation
import TestSupport

/// The built program, run as a shop would run it: other processes, real files, real kills.
struct Binary {
    static let path: String = {
        if let given = ProcessInfo.processInfo.environment["SHOPCTL_BINARY"] { return given }
        // Beside the tests, which depend on it.
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return package.appendingPathComponent(".build/debug/shopctl").path
    }()

    static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: path) }

    let home: TemporaryDirectory
    let data: String

    init() throws {
        home = try TemporaryDirectory()
        data = home.file("shop")
    }

    struct Outcome {
        var code: Int32
        var output: String
        var errors: String
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    func process(_ arguments: [String], through shell: String? = nil) -> (Process, Pipe, Pipe) {
        let process = Process()
        if let shell {
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            process.arguments = ["-c", shell + "; exec \"$0\" \"$@\"", Self.path] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: Self.path)
            process.arguments = arguments
        }
        process.environment = [
            "HOME": home.path, "SHOPCTL_DATA_DIR": data, "PATH": "/usr/bin:/bin",
        ]
        let output = Pipe()
        let errors = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        return (process, output, errors)
    }

    @discardableResult
    func run(_ arguments: String..., through shell: String? = nil) throws -> Outcome {
        try run(arguments, through: shell)
    }

    func run(_ arguments: [String], through shell: String? = nil) throws -> Outcome {
        let (process, output, errors) = process(arguments, through: shell)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let problems = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            code: process.terminationReason == .exit
                ? process.terminationStatus : 128 + process.terminationStatus,
            output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: problems, as: UTF8.self))
    }

    /// Units of a SKU: on hand and reserved.
    func stock(_ sku: String) throws -> (onHand: Int, reserved: Int) {
        let fields = try run("stock", "show", sku, "--format", "csv", "--no-header").output
            .trimmingCharacters(in: .newlines).split(separator: ",")
        return (Int(fields[1]) ?? -1, Int(fields[2]) ?? -1)
    }
}
