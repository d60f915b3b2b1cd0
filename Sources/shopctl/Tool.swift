import Primitives
import ShopCore

/// One run of `shopctl`: from the words of the command line to the exit code. The only place
/// that prints and decides how the process ends.
struct Tool {
    private let environment: Environment
    private let console: any Console
    private let commands: [any Command.Type]

    /// - Parameter arguments: without the program's own name.
    /// - Returns: the exit code, as docs/errors.md lists them.
    static func run(
        arguments: [String], environment: Environment, console: any Console,
        commands: [any Command.Type] = CommandTable.all
    ) -> Int32 {
        outcome(
            of: arguments, environment: environment, console: console, commands: commands
        ).code.rawValue
    }

    /// How a run ended: the exit code, and the error behind it where one was thrown.
    struct Outcome {
        let code: ExitCode
        var error: ShopError?
    }

    /// The same run, and what it failed with.
    static func outcome(
        of arguments: [String], environment: Environment, console: any Console,
        commands: [any Command.Type] = CommandTable.all
    ) -> Outcome {
        let tool = Tool(environment: environment, console: console, commands: commands)
        do throws(ShopError) {
            return Outcome(code: try tool.perform(arguments))
        } catch {
            tool.show(error, of: arguments)
            return Outcome(code: error.kind, error: error)
        }
    }

    // MARK: Performing

    /// - Parameters:
    ///   - shop: one that is open already, for the lines of `run`.
    ///   - outer: the settings of that `run`.
    ///   - memory: what its lines have in common.
    private func perform(
        _ line: [String], in shop: Shop? = nil, under outer: GlobalSettings? = nil,
        _ memory: RunMemory? = nil
    ) throws(ShopError) -> ExitCode {
        if let memory, let known = memory.command(of: line) {
            let parser = ArgumentParser(
                reading: line.dropFirst(2), for: known.spec, options: known.options)
            return try perform(
                line, .command(known.type), known.type, known.spec, parser, in: shop, under: outer,
                memory)
        }
        let globals = GlobalOptions.all
        let lookup = CommandLookup(line, among: commands, globals: globals)
        var type: (any Command.Type)?
        if case .command(let found) = lookup.found { type = found }
        let spec = type?.spec
        if let type, let spec { memory?.remember(type, spec, among: commands) }
        let parser = ArgumentParser(reading: lookup.rest, for: spec, globals: globals)
        return try perform(line, lookup.found, type, spec, parser, in: shop, under: outer, memory)
    }

    private func perform(
        _ line: [String], _ found: CommandLookup.Found, _ type: (any Command.Type)?,
        _ spec: CommandSpec?, _ parser: ArgumentParser, in shop: Shop?,
        under outer: GlobalSettings?, _ memory: RunMemory?
    ) throws(ShopError) -> ExitCode {
        var parser = parser
        parser.add(GlobalSettings.contradictions(in: parser.arguments))
        if let page = try page(for: found, parser) {
            return try deliver(text: page)
        }
        guard let type, let spec else { return .ok }
        let settings = try self.settings(parser, spec, under: outer, memory)
        try check(settings, against: spec)
        let inner = memory ?? RunMemory()
        var context = CommandContext(
            settings: settings, environment: environment, console: console, name: spec.name,
            arguments: parser.arguments, invocation: ShellWords.line(line), commands: commands,
            perform: { line, shop, console throws(ShopError) in
                try Tool(environment: environment, console: console, commands: commands)
                    .perform(line, in: shop, under: settings, inner)
            })
        let command = try type.init(parser.arguments)
        if spec.confirmation != .none { try context.checkThatAskingIsPossible() }
        let scratch = shop == nil ? try context.scratch(for: type, spec) : nil
        defer { scratch?.remove() }
        if let scratch { context.settings.dataDirectory = scratch.path }
        // A line of a `run` that only looks, however long, keeps no other writer waiting; and
        // doctor takes the lock itself.
        guard let shop, !spec.mutates || spec.name == DoctorCommand.name else {
            return try run(command, spec, in: shop, context, memory)
        }
        return try shop.pausingBatch { () throws(ShopError) in
            try run(command, spec, in: shop, context, memory)
        }
    }

    /// The help or version text that the line asks for; nil where a command is to run.
    private func page(
        for found: CommandLookup.Found, _ parser: ArgumentParser
    ) throws(ShopError) -> String? {
        let asksForHelp = parser.arguments.has("help")
        if !asksForHelp, parser.arguments.has("version") {
            return VersionCommand.text(asJSON: parser.arguments.has("json"))
        }
        switch found {
        case .unknown(let error): throw error
        case .command(let type): return asksForHelp ? HelpPage.command(type.spec) : nil
        case .noun(let name):
            if asksForHelp { return HelpPage.noun(name, among: commands) }
            if let problem = parser.problem { throw problem }
            let verbs = CommandLookup.nextWords(after: name, among: commands)
            throw .missingVerb(noun: name, verbs: verbs)
        case .nothing:
            if !asksForHelp, let problem = parser.problem { throw problem }
            return HelpPage.overview(commands)
        }
    }

    /// The problems of the line and of the settings together.
    private func settings(
        _ parser: ArgumentParser, _ spec: CommandSpec, under outer: GlobalSettings?,
        _ memory: RunMemory?
    ) throws(ShopError) -> GlobalSettings {
        if let problem = parser.problem { throw problem }
        // Most lines of a run say nothing that all of them would not.
        let isPlain = parser.arguments.given[spec.options.count...].allSatisfy { $0.isEmpty }
        if isPlain, let known = memory?.settings { return known }
        var settings = try GlobalSettings(parser.arguments, environment, console)
        if let outer { settings.inherit(outer) }
        if isPlain { memory?.settings = settings }
        return settings
    }

    /// Refuses before any work what could only fail when the result is printed.
    private func check(
        _ settings: GlobalSettings, against spec: CommandSpec
    ) throws(ShopError) {
        if let format = settings.format, format.isDocument, !spec.isReport {
            throw .noSuchForm(format)
        }
        if settings.asOf != nil, spec.mutates { throw .changesThePast(spec.name) }
        if let fields = settings.fields, !spec.fields.isEmpty {
            _ = try Listing.selection(fields, among: spec.fields)
        }
    }

    /// Runs a command and prints its result. A list is read while it is printed, so that a denial
    /// may come from either.
    private func run(
        _ command: any Command, _ spec: CommandSpec, in shop: Shop?, _ context: CommandContext,
        _ memory: RunMemory?
    ) throws(ShopError) -> ExitCode {
        // A line that signs somebody in or out changes whom the next ones act for.
        defer { if spec.name.hasPrefix("user ") { memory?.forgetToken() } }
        var opened: Shop?
        do throws(ShopError) {
            return try answer(command, spec, context) { () throws(ShopError) -> Shop in
                let shop = try open(shop, for: spec, context, memory)
                opened = shop
                return shop
            }
        } catch {
            if error.kind == .noPermission { opened?.record(denial: error) }
            throw error
        }
    }

    private func answer(
        _ command: any Command, _ spec: CommandSpec, _ context: CommandContext,
        opening: () throws(ShopError) -> Shop
    ) throws(ShopError) -> ExitCode {
        let file =
            try context.settings.outputPath.map { path throws(ShopError) in
                spec.isExport && OutputDirectory.isMeant(by: path)
                    ? nil : try OutputFile(path: path, mode: spec.isExport ? 0o600 : 0o666)
            } ?? nil
        var opened: Shop?
        var report = try command.answer(context) { () throws(ShopError) -> Shop in
            let shop = try opening()
            // Of a line that was refused half way.
            _ = shop.takeRehearsed()
            opened = shop
            return shop
        }
        if context.isDryRun, spec.mutates, let opened {
            report = report.differing(by: context.rows(of: opened.takeRehearsed(), in: opened))
        }
        for notice in opened?.takeNotices() ?? [] { context.notice(notice) }
        // A file is in nobody's hands: what it says is durable before it is there.
        if file != nil { try opened?.settle() }
        let zone = context.settings.timeZone ?? opened?.settings.timeZone
        let code = try deliver(report, to: file, zone, context)
        if let opened { context.startSender(opened) }
        // After the answer: what keeps later commands fast is no part of this one. Who only reads
        // writes nothing at all.
        if spec.mutates, !context.isDryRun { opened?.maintain() }
        return code
    }

    /// The shop of the command, or that of the `run` it is a line of.
    private func open(
        _ shop: Shop?, for spec: CommandSpec, _ context: CommandContext, _ memory: RunMemory?
    ) throws(ShopError) -> Shop {
        guard let shop else { return try .opened(for: spec, context) }
        shop.request = context.request(try tokens(for: shop, spec, context, memory), in: shop)
        return shop
    }

    private func tokens(
        for shop: Shop, _ spec: CommandSpec, _ context: CommandContext, _ memory: RunMemory?
    ) throws(ShopError) -> ActingTokens {
        guard let memory, context.settings.actingAs == nil else {
            return try context.tokens(for: shop, reading: !spec.mutates)
        }
        return try memory.tokens(at: environment.clock.now()) { () throws(ShopError) in
            try context.tokens(for: shop, reading: !spec.mutates)
        }
    }

    // MARK: Printing

    private func deliver(text: String) throws(ShopError) -> ExitCode {
        let sink = ResultSink(.console(console))
        do throws(ShopError) {
            try sink.write(text)
            try sink.flush()
        } catch {
            guard error.code == ShopError.outputClosed.code else { throw error }
        }
        return .ok
    }

    private func deliver(
        _ report: Report, to file: OutputFile?, _ zone: TimeZoneName?,
        _ context: CommandContext
    ) throws(ShopError) -> ExitCode {
        let settings = context.settings
        let isTerminal = console.isTerminal(.output) && file == nil
        let printer = ReportPrinter(
            format: settings.format(for: report, isTerminal: isTerminal),
            fields: settings.fields, showsHeader: settings.showsHeader,
            isDryRun: settings.isDryRun, timeZone: zone ?? .utc,
            terminalWidth: isTerminal ? console.width : nil,
            paint: Paint(isOn: settings.paintsOutput),
            sink: ResultSink(file.map(ResultSink.Destination.file) ?? .console(console)))
        do throws(ShopError) {
            for notice in try printer.write(report) { context.notice(notice) }
            try file?.finish()
        } catch {
            guard error.code != ShopError.outputClosed.code else { return report.exitCode }
            throw report.isStored(settings) ? error.whenStored : error
        }
        return report.exitCode
    }

    /// Shows an error in the form the line asks for, as far as the line could be read.
    private func show(_ error: ShopError, of line: [String]) {
        let lookup = CommandLookup(line, among: commands, globals: GlobalOptions.all)
        var spec: CommandSpec?
        if case .command(let type) = lookup.found { spec = type.spec }
        let arguments = ArgumentParser(
            reading: lookup.rest, for: spec, globals: GlobalOptions.all
        ).arguments
        let format = arguments.value("format").flatMap(OutputFormat.init(rawValue:))
        guard !arguments.has("json"), !(format?.isJSON ?? false) else {
            console.writeError(ErrorOutput.json(error))
            return
        }
        let color = ColorChoice(arguments, environment, ConfigFile())
        let paint = Paint(isOn: color.paints(console.isTerminal(.error)))
        console.writeError(ErrorOutput.text(error, paint: paint))
    }
}

extension Report {
    /// Whether something was stored that a failure to print does not undo.
    fileprivate func isStored(_ settings: GlobalSettings) -> Bool {
        guard case .mutation = body else { return false }
        return !settings.isDryRun
    }
}

extension ShopError {
    fileprivate var whenStored: ShopError {
        ShopError(
            kind, code, message, at: location, why: "the change itself is stored",
            try: suggestions, details: details, others: others)
    }
}
