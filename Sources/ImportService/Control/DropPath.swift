import ImportCore

/// Paths as users type them and as sources are configured.
public enum DropPath {
  /// The part of `path` below `directory`; nil if it lies elsewhere, or is the directory itself.
  public static func inside(_ directory: String, _ path: String) -> String? {
    let root = directory.utf8.last == UInt8(ascii: "/") ? directory : directory + "/"
    // By bytes: what follows the slash may combine with it.
    guard path.utf8.starts(with: root.utf8), path.utf8.count > root.utf8.count else { return nil }
    return String(Substring(path.utf8.dropFirst(root.utf8.count)))
  }

  /// True if `path` is the drop directory itself.
  static func isDirectory(_ directory: String, _ path: String) -> Bool {
    func parts(_ path: String) -> [Substring.UTF8View] {
      Substring(path).utf8.split(separator: UInt8(ascii: "/"))
    }
    return parts(directory).elementsEqual(parts(path)) { $0.elementsEqual($1) }
  }

  /// Explains a path or, if that is in no drop directory, whatever goes by `name` there: `SOURCE/NAME`, or a name that is in
  /// the drop directory of one source only.
  ///
  /// - Parameter explain: Explains a path; nil for one in no drop directory.
  /// - Throws: ``SpoolReports/Failure/notFound(_:)`` for a path in no drop directory with a name that is in none or in several.
  static func explanation(
    _ path: String, _ name: String?, _ configuration: Configuration,
    _ explain: (String) async throws -> Explanation?
  ) async throws -> Explanation {
    if let explanation = try await explain(path) { return explanation }
    let known = try await known(name, configuration, explain)
    if known.count == 1 { return known[0].explanation }
    if known.isEmpty { throw SpoolReports.Failure.notFound(isElsewhere(path, configuration)) }
    throw SpoolReports.Failure.notFound(
      "'\(name ?? "")' is in several drop directories: \(known.map(\.path).joined(separator: ", "))")
  }

  /// The sets and files that have a name in drop directories.
  private static func known(
    _ name: String?, _ configuration: Configuration, _ explain: (String) async throws -> Explanation?
  ) async throws -> [(path: String, explanation: Explanation)] {
    guard let name, !name.hasPrefix("/") else { return [] }
    let named = configuration.sources.compactMap { source in
      inside(source.name.text, name).map { "\(source.directory)/\($0)" }
    }
    for paths in [named, configuration.sources.map { "\($0.directory)/\(name)" }] {
      var known: [(String, Explanation)] = []
      for path in paths {
        guard let explanation = try await explain(path), explanation.outcome != "absent" else { continue }
        known.append((path, explanation))
      }
      if !known.isEmpty { return known }
    }
    return []
  }

  private static func isElsewhere(_ path: String, _ configuration: Configuration) -> String {
    let directories = configuration.sources.map(\.directory).joined(separator: ", ")
    return "'\(path)' is in no drop directory; those are: \(directories)"
  }
}
