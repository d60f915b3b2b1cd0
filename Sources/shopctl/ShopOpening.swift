import Primitives
import ShopCore

extension Shop {
    /// The shop that the settings name, opened for one command, with the session of the person
    /// at the terminal.
    ///
    /// A command that changes something makes the shop first where there is none yet.
    static func opened(
        for spec: CommandSpec, _ context: CommandContext
    ) throws(ShopError) -> Shop {
        let directory = try context.dataDirectory()
        if spec.mutates, !context.isDryRun, try directory.isAbsent() {
            try make(in: directory, context)
        }
        let shop = try directory.open(
            clock: context.environment.clock, random: context.environment.random,
            request: context.request(ActingTokens()))
        shop.request = context.request(
            try context.tokens(for: shop, reading: !spec.mutates), in: shop)
        if !context.settings.providers.isEmpty { shop.use(context.settings.providers) }
        return shop
    }

    private static func make(
        in directory: DataDirectory, _ context: CommandContext
    ) throws(ShopError) {
        let currency = try context.newCurrency
        try directory.create(
            currency: currency, timeZone: context.settings.timeZone ?? .utc,
            clock: context.environment.clock, random: context.environment.random)
        context.notice("Made a new shop in \(directory.path), in \(currency.code).")
    }
}

extension CommandContext {
    /// Of a shop that a command makes first.
    fileprivate var newCurrency: Currency {
        get throws(ShopError) { try Currency(parsing: arguments.ifDeclared("currency") ?? "USD") }
    }

    /// A shop for a dry run to be tried in, where the command itself would make one first.
    func scratch(for type: any Command.Type, _ spec: CommandSpec) throws(ShopError) -> ScratchShop?
    {
        guard isDryRun, spec.mutates, type is any ShopCommand.Type else { return nil }
        let directory = try dataDirectory()
        guard try directory.isAbsent() else { return nil }
        let currency = try newCurrency
        notice("Would make a new shop in \(directory.path), in \(currency.code).")
        return try ScratchShop(
            insteadOf: directory, currency, settings.timeZone ?? .utc, environment)
    }
}

/// What a command shows of the session it acts in.
struct ActingTokens: Sendable {
    /// nil where nobody is signed in.
    var access: String?
    var refresh: String?
}

extension CommandContext {
    func dataDirectory() throws(ShopError) -> DataDirectory {
        guard let path = settings.dataDirectory else { throw .noDataDirectory }
        return DataDirectory(path, patience: settings.lockWaitSeconds * 1_000)
    }

    /// This command as the shop keeps it in mind: for the audit trail, for a retry.
    func request(_ tokens: ActingTokens, in shop: Shop? = nil) -> Shop.Request {
        var request = Shop.Request(
            command: invocation,
            content: settings.idempotencyKey == nil ? "" : arguments.content(of: name),
            token: tokens.access, idempotencyKey: settings.idempotencyKey,
            isDryRun: settings.isDryRun)
        request.refreshToken = tokens.refresh
        if let shop {
            request.asOf = settings.asOf?.time(at: environment.clock.now(), in: zone(of: shop))
        }
        return request
    }

    /// The session token: that of `--as`, else `SHOPCTL_TOKEN`, else the one last signed in, with
    /// another access token where its own has ended.
    ///
    /// - Parameter reading: where another one cannot be stored, the refresh token is enough.
    func tokens(for shop: Shop, reading: Bool) throws(ShopError) -> ActingTokens {
        if settings.actingAs == nil, let token = settings.token {
            return ActingTokens(access: token)
        }
        guard let file = SessionFile(of: shop.settings.id, environment) else {
            return ActingTokens()
        }
        let sessions = try file.read()
        var session = sessions.current
        if let email = settings.actingAs {
            session = sessions.session(of: email)
            if session == nil { throw .noSession(email) }
        }
        guard let session else { return ActingTokens() }
        let now = environment.clock.now()
        guard session.hasEnded(at: now) else { return ActingTokens(access: session.token) }
        do throws(ShopError) {
            return try renewed(session, of: shop, in: file, at: now)
        } catch  where reading {
            step("The session could not be renewed: \(error.message).")
            return ActingTokens(access: session.token, refresh: session.refresh)
        }
    }

    /// - Returns: the old token where the session is over: the command will say so, or needs none.
    private func renewed(
        _ session: SessionFile.Sessions.Session, of shop: Shop, in file: SessionFile,
        at now: Timestamp
    ) throws(ShopError) -> ActingTokens {
        do throws(ShopError) {
            let newer = try file.renewed(session.user, at: now) { (old) throws(ShopError) in
                let (renewed, tokens) = try shop.refreshSession(
                    access: old.token, refresh: old.refresh ?? "")
                return .init(old.user, renewed, tokens)
            }
            return ActingTokens(access: newer.token)
        } catch {
            guard error.kind == .auth else { throw error }
            return ActingTokens(access: session.token)
        }
    }
}

extension ParsedArguments {
    /// The value of a flag that not every command has.
    func ifDeclared(_ name: String) -> String? {
        options.contains { $0.name == name } ? value(name) : nil
    }

    /// The command with its own flags and operands in the order they are declared: what stays
    /// the same when a request is repeated in another way.
    func content(of name: String) -> String {
        let global = GlobalOptions.all.map(\.name)
        var words = [name]
        for (option, values) in zip(options, given) where !global.contains(option.name) {
            words += values.map { option.takesValue ? "\(option.flag)=\($0)" : option.flag }
        }
        return ShellWords.line(words + operands)
    }
}

extension ShopError {
    static var noDataDirectory: ShopError {
        ShopError(
            .config, "no-data-directory", "nothing says where the shop's data is",
            why: "neither --data-dir nor SHOPCTL_DATA_DIR is given, and HOME is not set",
            try: ["--data-dir DIR"])
    }

    static func noSession(_ email: EmailAddress) -> ShopError {
        ShopError(
            .auth, "not-signed-in", "\(email) is not signed in here", at: "--as",
            try: ["shopctl user signin \(email)"])
    }
}
