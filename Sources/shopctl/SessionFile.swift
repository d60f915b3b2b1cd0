import Formats
import Primitives
import Users

/// Who is signed in to one shop at this account of the machine: its tokens.
struct SessionFile {
    private let file: StateFile

    /// - Parameter shop: the shop's id.
    /// - Returns: nil where there is no home directory to keep it in.
    init?(of shop: String, _ environment: Environment) {
        guard let file = StateFile("session-\(shop).json", environment) else { return nil }
        self.file = file
    }

    struct Sessions {
        struct Session: Equatable {
            var user: EmailAddress
            /// The access token, and when it ends; nil in files of before they ended.
            var token: String
            var until: Timestamp?
            /// What the next one is had with.
            var refresh: String?
        }

        /// The one signed in last comes last.
        fileprivate(set) var all: [Session] = []
        /// Whom commands act for; nil after that person signed out, until somebody signs in.
        fileprivate(set) var currentUser: EmailAddress?

        var current: Session? { currentUser.flatMap(session(of:)) }

        func session(of user: EmailAddress) -> Session? { all.last { $0.user == user } }
    }

    // MARK: Reading

    /// - Throws: `session-file-open`, `session-file-damaged` (78).
    func read() throws(ShopError) -> Sessions {
        guard let bytes = try file.read() else { return Sessions() }
        do throws(JSONError) {
            return try JSONReader.parse(bytes, Self.sessions)
        } catch {
            throw .sessionFileDamaged(file.path)
        }
    }

    private static func sessions(_ reader: inout JSONReader) throws(JSONError) -> Sessions {
        var sessions = Sessions()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            if member == "current" {
                sessions.currentUser = EmailAddress(stored: try reader.string())
                continue
            }
            guard member == "sessions" else {
                try reader.skip()
                continue
            }
            try reader.beginArray()
            while try reader.nextElement() {
                var session = Sessions.Session(user: EmailAddress(stored: ""), token: "")
                try reader.beginObject()
                while let member = try reader.nextMember() {
                    switch member {
                    case "user": session.user = EmailAddress(stored: try reader.string())
                    case "token": session.token = try reader.string()
                    case "until": session.until = try reader.timestamp()
                    case "refresh": session.refresh = try reader.string()
                    default: try reader.skip()
                    }
                }
                sessions.all.append(session)
            }
        }
        return sessions
    }

    // MARK: Writing

    /// Keeps a session as the current one.
    func add(_ session: Sessions.Session) throws(ShopError) {
        try file.locked { () throws(ShopError) in
            var sessions = try read()
            sessions.all.removeAll { $0.user == session.user }
            sessions.all.append(session)
            sessions.currentUser = session.user
            try write(sessions)
        }
    }

    /// Forgets the session with that token. Where it was the current one nobody is signed in
    /// then: never somebody who signed in before.
    func remove(token: String) throws(ShopError) {
        try file.locked { () throws(ShopError) in
            var sessions = try read()
            let count = sessions.all.count
            sessions.all.removeAll { $0.token == token }
            guard sessions.all.count != count else { return }
            if sessions.current == nil { sessions.currentUser = nil }
            try write(sessions)
        }
    }

    /// A session with another access token in the place of one that ended. Of several commands
    /// that find it ended at once, one gets the new one and the others find it here.
    func renewed(
        _ user: EmailAddress, at now: Timestamp,
        by renew: (Sessions.Session) throws(ShopError) -> Sessions.Session
    ) throws(ShopError) -> Sessions.Session {
        try file.locked { () throws(ShopError) in
            var sessions = try read()
            guard let index = sessions.all.lastIndex(where: { $0.user == user }) else {
                throw .noSession(user)
            }
            let session = sessions.all[index]
            guard session.hasEnded(at: now) else { return session }
            let newer = try renew(session)
            sessions.all[index] = newer
            try write(sessions)
            return newer
        }
    }

    private func write(_ sessions: Sessions) throws(ShopError) {
        var writer = JSONWriter()
        writer.beginObject()
        if let user = sessions.currentUser { writer.member("current", user.text) }
        writer.name("sessions")
        writer.beginArray()
        for session in sessions.all {
            writer.beginObject()
            writer.member("user", session.user.text)
            writer.member("token", session.token)
            writer.member("until", session.until)
            writer.member("refresh", session.refresh)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        try file.write(writer.bytes + [UInt8(ascii: "\n")])
    }
}

extension SessionFile.Sessions.Session {
    init(_ user: EmailAddress, _ session: Session, _ tokens: Session.Tokens) {
        self.init(
            user: user, token: tokens.access, until: session.expiresAt, refresh: tokens.refresh)
    }

    /// Whether the access token has ended or will during a command, and there is something to get
    /// another one with.
    func hasEnded(at now: Timestamp) -> Bool {
        guard let until, refresh != nil else { return false }
        return now.adding(seconds: 30) >= until
    }
}

extension ShopError {
    static func sessionFileDamaged(_ path: String) -> ShopError {
        ShopError(
            .config, "session-file-damaged", "your session file \(path) is not what it should be",
            at: path,
            try: ["rm \(ShellWords.quoted(path))", "shopctl user signin you@shop.example"])
    }
}
