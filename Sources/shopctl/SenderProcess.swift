import Glibc
import Primitives
import ShopCore

/// The process that hands codes to the delivery program while nobody waits for it.
///
/// It is started after every command by which a code was asked for, whether or not one is there to
/// be sent: neither the answer nor its time tells which addresses have accounts. Its name in argv
/// is what makes it one, so that nobody who only types the words of a command can be it; it says
/// nothing to anybody.
enum SenderProcess {
    /// `argv[0]`, which `ps` shows.
    private static let name = "shopctl: delivery"

    static let start: @Sendable (_ dataDirectory: String) -> Void = { directory in
        // Earlier ones of a long `run`; this process has no other children now.
        while waitpid(-1, nil, WNOHANG) > 0 {}
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        for stream in Int32(0)...2 {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        // A group of its own: Ctrl-C at the terminal is not for it.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        let texts: [String] = [name, directory]
        let words = texts.map { strdup($0) }
        let variables = (ChildProgram.variables + ["XDG_CONFIG_HOME"]).compactMap { name in
            getenv(name).map { strdup("\(name)=\(String(cString: $0))") }
        }
        var process: pid_t = 0
        // Where none can be started the code waits for the next one, or `user deliver`.
        _ = posix_spawn(
            &process, "/proc/self/exe", &actions, &attributes, words + [nil], variables + [nil])
        (words + variables).forEach { free($0) }
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }

    /// The data directory of a process that was started as a sender; nil for any other.
    static func directory(_ arguments: [String]) -> String? {
        arguments.count == 2 && arguments[0] == name ? arguments[1] : nil
    }

    static func run(_ directory: String, _ environment: Environment) -> Int32 {
        do throws(ShopError) {
            guard let program = try ConfigFile.read(environment.configFile).delivery else {
                return ExitCode.config.rawValue
            }
            let shop = try DataDirectory(directory).open(
                clock: environment.clock, random: environment.random,
                request: .init(command: name))
            let result = try shop.emptyOutbox(through: program)
            return (result.failures.isEmpty ? ExitCode.ok : .partial).rawValue
        } catch {
            return error.kind.rawValue
        }
    }
}

extension CommandContext {
    /// Sees to it that a code which was asked for reaches somebody, if it is meant for anybody.
    func startSender(_ shop: Shop) {
        guard shop.hasAskedForCode else { return }
        shop.hasAskedForCode = false
        guard let delivery = settings.delivery, !isDryRun, let path = settings.dataDirectory
        else { return }
        guard access(delivery.program, X_OK) == 0 else {
            notice(
                "Codes stay in the outbox: \(delivery.program), which delivers them, "
                    + "cannot be run.")
            return
        }
        environment.startSender(path)
    }
}
