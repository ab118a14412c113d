/// Finds out why a folder has no `control.json`, from the names that it has instead.
struct MissingControl {
  let index: DropIndex

  /// The likely cause in words; nil where nothing hints at one.
  var cause: String? {
    let names = index.entries.keys.map(\.text).sorted { ExactText($0) < ExactText($1) }
    if let name = names.first(where: isMisspelt) {
      return "there is '\(name.shown)', but the name must be exactly '\(DropName.control)'"
    }
    if let path = names.first(where: {
      $0.utf8.contains(UInt8(ascii: "/")) && DropName.last(of: $0) == DropName.control
    }) {
      return "there is '\(path.shown)': the files are one folder too deep"
    }
    return nil
  }

  /// True for `Control.json`, `control.json.txt`, `control (1).json` and the like in the folder itself.
  private func isMisspelt(_ name: String) -> Bool {
    let lower = name.lowercased()
    return !name.utf8.contains(UInt8(ascii: "/")) && name != DropName.control && lower.hasPrefix("control")
      && lower.contains("json")
  }
}
