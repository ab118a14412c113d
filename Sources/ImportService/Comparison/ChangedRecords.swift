import ImportCore

/// The fields of records that changed, as the earlier file has them: 16 bytes for each record and for each field.
struct ChangedRecords {
  private struct Place {
    var key: UInt64
    var start: UInt32
    var end: UInt32
  }

  private var places: [Place] = []
  private var fields: [RecordBatch.Field] = []
  /// Names of the fields.
  var names = FieldNames()

  /// Number of records.
  var count: Int { places.count }
  /// Number of their fields in all.
  var fieldCount: Int { fields.count }

  /// Adds a record, whose key no other one has.
  mutating func add(_ key: UInt64, _ own: ArraySlice<RecordBatch.Field>) {
    let start = UInt32(truncatingIfNeeded: fields.count)
    fields += own
    places.append(Place(key: key, start: start, end: UInt32(truncatingIfNeeded: fields.count)))
  }

  /// Ends the adding: from here on records are found by their keys.
  mutating func finish() { places.sort { $0.key < $1.key } }

  /// The fields of a record; nil if it was not added.
  func fields(of key: UInt64) -> ArraySlice<RecordBatch.Field>? {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = low + (high - low) / 2
      if places[middle].key < key { low = middle + 1 } else { high = middle }
    }
    guard low < places.count, places[low].key == key else { return nil }
    return fields[Int(places[low].start)..<Int(places[low].end)]
  }
}
