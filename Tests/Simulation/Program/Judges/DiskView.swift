import FoundationEssentials

/// The places on the disk of a history.
struct DiskView {
  struct StoredSet {
    var id: String
    var source: String
    var area: String
    var files: [String: String] = [:]
    var beside: [String: [UInt8]] = [:]

    var receipt: [String: Any]? { json("receipt.json") }
    var reason: [String: Any]? { json("reason.json") }

    /// True for a set that is held because the journal does not know it.
    var isUnknownToJournal: Bool {
      String(decoding: beside["reason.json"] ?? [], as: UTF8.self).contains("does not know this set")
    }

    private func json(_ name: String) -> [String: Any]? {
      guard let bytes = beside[name] else { return nil }
      return try? JSONValue.object(bytes)
    }
  }

  var sets: [StoredSet] = []
  /// Digests of files in drop directories, by path.
  var dropped: [String: String] = [:]
  /// Paths in the spool that belong nowhere.
  var strays: [String] = []

  init(_ world: World) {
    for area in ["work", "held", "rejected", "archive"] {
      guard let root = machine.inode("\(World.spool)/\(area)") else { continue }
      for (source, folder) in root.entries {
        guard folder.isDirectory else {
          strays.append("\(area)/\(source.text)")
          continue
        }
        collect(folder, source.text, area, area == "archive" ? 3 : 0)
      }
    }
    sets.sort { ($0.id, $0.area) < ($1.id, $1.area) }
    for source in world.settings.sources {
      if let directory = machine.inode(source.directory) { drop(directory, source.directory) }
    }
  }

  private mutating func collect(_ folder: Inode, _ source: String, _ area: String, _ depth: Int) {
    for (name, inode) in folder.entries {
      guard inode.isDirectory else {
        strays.append("\(area)/\(source)/\(name.text)")
        continue
      }
      if depth > 0 {
        collect(inode, source, area, depth - 1)
      } else {
        sets.append(Self.read(inode, name.text, source, area))
      }
    }
  }

  private static func read(_ inode: Inode, _ id: String, _ source: String, _ area: String) -> StoredSet {
    var set = StoredSet(id: id, source: source, area: area)
    for (name, entry) in inode.entries {
      if name.text == "files" {
        for (file, content) in entry.entries where !content.isDirectory {
          set.files[file.text] = ServerModel.digest(content.data)
        }
      } else if !entry.isDirectory {
        set.beside[name.text] = entry.data
      }
    }
    return set
  }

  private mutating func drop(_ directory: Inode, _ path: String) {
    for (name, inode) in directory.entries where name.text != ".results" {
      if inode.isDirectory {
        drop(inode, path + "/" + name.text)
      } else {
        dropped[path + "/" + name.text] = ServerModel.digest(inode.data)
      }
    }
  }
}

/// JSON as the foundation reads it.
enum JSONValue {
  struct Reader: Decodable {
    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
    var texts: [String: Any] = [:]
    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      for key in values.allKeys {
        if let text = try? values.decode(String.self, forKey: key) { texts[key.stringValue] = text }
      }
    }
  }

  /// The members of an object that are texts.
  static func object(_ bytes: [UInt8]) throws -> [String: Any] {
    try JSONDecoder().decode(Reader.self, from: Data(bytes)).texts
  }
}
