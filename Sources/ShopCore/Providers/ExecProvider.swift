import Formats
import Glibc
import Payments
import Primitives
import Storage

/// A provider that is a program: the request as a line of JSON on its standard input, the answer on
/// its standard output.
///
/// Only an answer that can be read, from a program that ended with 0, says that something happened
/// or did not. A program that ends with 69 (`EX_UNAVAILABLE`), or cannot be started, has asked
/// nobody. Everything else is not known: another exit code, a signal, no or a garbled answer, too
/// long a time.
struct ExecProvider: PaymentProvider {
    private let settings: ExecSettings

    init(_ settings: ExecSettings) {
        self.settings = settings
    }

    var keyHours: Int64 { settings.keyHours }

    func answer(_ request: ProviderRequest) -> ProviderOutcome {
        if let file = settings.secretFile, let problem = Self.problem(ofSecret: file) {
            return .unreached(code: "secret-file", message: problem)
        }
        let child: ChildProgram
        do throws(SystemError) {
            child = try ChildProgram(settings.program, settings.arguments)
        } catch {
            return .unreached(
                code: "not-started",
                message: "\(settings.program): \(error.text)")
        }
        let end = child.converse(
            request.json(secretFile: settings.secretFile), seconds: settings.timeLimit)
        switch end {
        case .late: return .unknown("no answer within \(settings.timeLimit) s")
        case .killed(let signal): return .unknown("the program was ended by signal \(signal)")
        case .exited(69, _):
            return .unreached(
                code: "unreachable", message: "the program could not ask its gateway")
        case .exited(0, let output):
            do throws(JSONError) {
                return try ProviderOutcome(json: output, in: request.intent.amount.currency)
            } catch {
                return .unknown("the answer cannot be read: \(error.reason)")
            }
        case .exited(let code, _): return .unknown("the program ended with \(code)")
        }
    }

    /// What is wrong with a file that holds a secret.
    private static func problem(ofSecret path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return "\(path): \(SystemError(code: errno).text)" }
        return status.st_mode & 0o077 == 0 ? nil : "\(path) can be read by others: chmod 600"
    }
}

/// A program that was started, with a channel to its standard input and one from its output.
package struct ChildProgram {
    enum End {
        case exited(Int32, [UInt8])
        case killed(Int32)
        /// It was stopped, for it took too long.
        case late
    }

    private let process: pid_t
    private let input: Int32
    private let output: Int32
    /// More than any answer needs.
    private static let mostOutput = 65_536
    /// What of the environment a program gets.
    package static let variables = [
        "PATH", "HOME", "LANG", "TZ", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
    ]

    /// - Throws: where it cannot be started.
    init(_ program: String, _ arguments: [String]) throws(SystemError) {
        // Sockets, since writing to a pipe that nobody reads is a signal.
        let (input, itsInput) = try Self.pair()
        let (output, itsOutput): (Int32, Int32)
        do throws(SystemError) { (output, itsOutput) = try Self.pair() } catch {
            [input, itsInput].forEach { close($0) }
            throw error
        }
        defer { [itsInput, itsOutput].forEach { close($0) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, itsInput, 0)
        posix_spawn_file_actions_adddup2(&actions, itsOutput, 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        // A group of its own, so that what it starts ends with it.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        let words = ([program] + arguments).map { strdup($0) }
        let environment = Self.variables.compactMap { name in
            getenv(name).map { strdup("\(name)=\(String(cString: $0))") }
        }
        var process: pid_t = 0
        let code = posix_spawn(
            &process, program, &actions, &attributes, words + [nil], environment + [nil])
        (words + environment).forEach { free($0) }
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
        guard code == 0 else {
            [input, output].forEach { close($0) }
            throw SystemError(code: code)
        }
        self.process = process
        self.input = input
        self.output = output
    }

    private static func pair() throws(SystemError) -> (ours: Int32, its: Int32) {
        var ends: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SystemError(code: errno) }
        return (ends[0], ends[1])
    }

    /// Hands the request over and waits for the program's end; afterwards it is gone in any case.
    func converse(_ request: [UInt8], seconds: Int64) -> End {
        defer { close(output) }
        // It fits into the socket's buffer; a program that does not read it will say nothing good.
        _ = send(
            input, request, request.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        close(input)
        var answer: [UInt8] = []
        let limit = Self.monotonicMilliseconds + seconds * 1_000
        var status: Int32 = 0
        while Self.monotonicMilliseconds < limit {
            let wait = Int32(min(20, limit - Self.monotonicMilliseconds))
            let isOpen = read(into: &answer, waiting: wait)
            if waitpid(process, &status, WNOHANG) == process {
                while read(into: &answer, waiting: 0) {}
                kill(-process, SIGKILL)
                return status & 0x7f == 0
                    ? .exited((status >> 8) & 0xff, answer) : .killed(status & 0x7f)
            }
            // No answer is that long.
            guard answer.count < Self.mostOutput else { break }
            if !isOpen { usleep(2_000) }
        }
        kill(-process, SIGKILL)
        waitpid(process, &status, 0)
        return answer.count < Self.mostOutput ? .late : .exited(0, answer)
    }

    /// - Returns: whether something came.
    private func read(into answer: inout [UInt8], waiting milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, milliseconds) == 1, answer.count < Self.mostOutput else {
            return false
        }
        var chunk = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(output, &chunk, chunk.count)
        guard count > 0 else { return false }
        answer += chunk[..<count]
        return true
    }

    private static var monotonicMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
