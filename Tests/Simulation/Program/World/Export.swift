/// One set as an exporting system writes it, with bytes that no other set has unless it repeats one.
final class Export {
  struct File {
    var name: String
    var bytes: [UInt8]
    var digest: String
  }

  let number: Int
  let source: WorldSettings.Source
  let name: String
  let drop: Act.Drop
  var control: File
  var data: [(key: String, file: File)]
  var others: [File] = []
  /// Calendar time of the last change of a file, and the monotonic time from when on nothing was missing or open; nil while
  /// it is being written.
  var changed: Int64?
  var ready: Int64?
  var begun: Int64 = 0
  /// True if all of it is on the disk.
  var isSynced = false
  /// True if it was cut short, or a power cut may have damaged it.
  var isDamaged = false
  /// True if its data stays where it is, for its control file is rejected alone.
  var isLeft: Bool { drop.way == .flat && (drop.flaw == .invalidControl || drop.flaw == .wrongSums) }
  /// True if it is never complete.
  var isHalf: Bool { drop.flaw == .half }

  init(
    _ number: Int, _ source: WorldSettings.Source, _ drop: Act.Drop, repeating other: Export?, name: String,
    uniqueControl: Bool
  ) {
    self.number = number
    self.source = source
    self.drop = drop
    self.name = name
    let keys =
      other?.data.map(\.key)
      ?? (0..<drop.keys).map { drop.way == .flat ? "data\(number)-\($0)" : "data\($0)" }
    let list = keys.map { "\"\($0)\": {\"read\": \"json\"}" }.joined(separator: ", ")
    let extra = uniqueControl ? "\"export\": \(number), " : ""
    let text = """
      {"dataImportControlFileVersion": 0, \(extra)"model": "std:person", "files": {\(list)},
       "instructions": [{"source": "first", "destination": "profile", "name": "first"}]}
      """
    control =
      other?.control ?? Self.file("control.json", drop.flaw == .invalidControl ? "{\"model\": 1}" : text)
    data =
      other?.data
      ?? keys.map { key in
        let size = (number * 37 + key.utf8.count) % 5 == 0 ? 3000 : 1
        // Spaces make an empty list different from all others.
        if drop.flaw == .empty {
          return (
            key,
            Self.file(key + ".json", "[\(String(repeating: " ", count: number * 8 + Int(key.suffix(1))!))]\n")
          )
        }
        let records = (0..<size).map { "{\"first\": \"\(source.name)/\(number)/\(key)/\($0)\"}" }.joined(
          separator: ",\n")
        return (key, Self.file(key + ".json", "[\(records)]\n"))
      }
    if drop.flaw == .litter { others = [Self.file(".DS_Store", "litter"), Self.file("Thumbs.db", "litter")] }
    if drop.flaw == .sums || drop.flaw == .wrongSums {
      let sums = ([control] + data.map(\.file)).map { file in
        (drop.flaw == .wrongSums ? String(repeating: "0", count: 64) : file.digest) + "  " + file.name + "\n"
      }
      others.append(Self.file("SHA256SUMS", sums.joined()))
    }
  }

  static func file(_ name: String, _ text: String) -> File {
    let bytes = Array(text.utf8)
    return File(name: name, bytes: bytes, digest: ServerModel.digest(bytes))
  }

  var digests: [String: String] { Dictionary(uniqueKeysWithValues: data.map { ($0.key, $0.file.digest) }) }

  /// The content of the files, whatever the set is called.
  var content: String { data.map { $0.key + $0.file.digest }.joined() }
}
