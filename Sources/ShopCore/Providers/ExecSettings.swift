package import Primitives

/// The operator's own program that speaks to a gateway, from the config file.
package struct ExecSettings: Sendable, Equatable {
    /// An absolute path.
    package var program: String
    package var arguments: [String] = []
    /// Seconds the program may take.
    package var timeLimit: Int64 = 30
    /// Where the program finds its secret: an absolute path that others cannot read.
    package var secretFile: String?
    package var keyHours: Int64 = 24

    package init(program: String) {
        self.program = program
    }
}
