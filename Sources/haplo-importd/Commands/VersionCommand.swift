import ImportRuntime
import ImportService

extension Subcommand {
  static let version = Subcommand(name: "version", summary: "prints the version") { _ throws(Failure) in
    try StandardOutput.writeLine("\(Program.name) \(Program.version)")
    return .done
  }
}

extension Program {
  /// This release.
  static let version = Version.text
}
