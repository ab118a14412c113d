import ImportCore
import ImportRuntime

/// The facts that a command of root found out before it became the owner of the spool, who may not read all that root can.
struct RootStart: Sendable {
  /// The caller's name, for the journal.
  let person: String
  let configuration: Configuration
  /// The configuration with its keys; nil for a command that needs none.
  let loaded: LoadedConfiguration?
}
