import FoundationEssentials
import ImportSystem

/// The JSON files that the daemon stores in a set's folder: receipt, reason, outcome.
public enum StoredJSON {
  /// The bytes of a file with this value: one member a line, in the order of their names.
  public static func bytes(of value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { preconditionFailure("every receipt can be encoded") }
    return Array(data) + [UInt8(ascii: "\n")]
  }

  /// Reads such a file; nil if it is missing, larger than `limit` bytes, or holds something else.
  static func read<Value: Decodable>(
    _ type: Value.Type, _ name: String, in folder: Directory, atMost limit: Int
  ) -> Value? {
    (try? folder.readFile(name, atMost: limit)).flatMap { try? JSONDecoder().decode(type, from: Data($0)) }
  }
}
