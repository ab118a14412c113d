import Glibc
import ImportCore
import ImportSystem

/// An export set of a test: its files by key of the control file, each with bytes that no other set has.
struct SampleSet: Sendable, Hashable {
  var name: String
  var form: SetForm = .folder
  var source = "hr"
  /// False where the source has a fixed control file.
  var hasControl = true
  var keys = ["data0", "data1"]

  static func control(keys: [String]) -> String {
    let files = keys.map { "\"\($0)\": {\"read\": \"json\"}" }.joined(separator: ", ")
    return """
      {"dataImportControlFileVersion": 0, "model": "std:person", "files": {\(files)},
       "instructions": [{"source": "first", "destination": "profile", "name": "first"}]}
      """
  }

  /// The text of a data file.
  func content(_ key: String) -> String { "[{\"set\": \"\(source)/\(name)\", \"file\": \"\(key)\"}]\n" }

  /// What the server must have in the end: digests by key.
  var digests: [String: String] {
    Dictionary(uniqueKeysWithValues: keys.map { ($0, Self.digest(content($0))) })
  }

  static func digest(_ text: String) -> String {
    SHA256Digest(bytes: SHA256.digest(of: Array(text.utf8))).hex
  }

  /// Puts the set into its drop directory, or that of another source, as a folder moved in, or flat with the control
  /// file last.
  func drop(in place: Place, as other: String? = nil) {
    let folder = place.drop(other ?? source)
    switch form {
    case .folder:
      let staging = "\(place.root)/\(source)-\(name)"
      place.makeFolder(staging)
      writeFiles(to: staging, in: place)
      guard rename(staging, "\(folder)/\(name)") == 0 else {
        preconditionFailure("cannot drop \(name)")
      }
    case .flat: writeFiles(to: folder, in: place)
    }
  }

  private func writeFiles(to folder: String, in place: Place) {
    for key in keys { place.write(content(key), to: "\(folder)/\(key).json") }
    if hasControl { place.write(Self.control(keys: keys), to: "\(folder)/control.json") }
  }
}
