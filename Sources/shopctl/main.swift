import Glibc

// A reader that goes away (`| head`) is an outcome of write(2), not the end of the process: a
// change still commits.
signal(SIGPIPE, SIG_IGN)
// So is a file that may not grow (`ulimit -f`): refused like a full disk, not killed by it.
signal(SIGXFSZ, SIG_IGN)
let environment = Environment.system
if let directory = SenderProcess.directory(CommandLine.arguments) {
    exit(SenderProcess.run(directory, environment))
}
exit(
    Tool.run(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: environment,
        console: TerminalConsole(columns: environment.variable("COLUMNS"))))
