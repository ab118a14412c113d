import ImportCore
import ImportStorage
import ImportSystem

/// Compares the record keys of a set with those of another one, as both were recorded.
struct RecordKeyCheck: Sendable {
  let spool: Spool
  let set: SetID

  /// Compares the keys of these data files of `last` with those of the set. Blocks; throws only what passes.
  func compare(
    with last: SetID, _ demands: [RecordKeyDemand], _ progress: WorkProgress
  ) throws(SystemError) -> [ExactText: RecordKeyComparison] {
    var results: [ExactText: RecordKeyComparison] = [:]
    for demand in demands {
      if progress.stepCancels() { throw SystemError(call: "compare", object: set.text, errno: 125) }
      results[ExactText(demand.key)] = try compare(demand, with: last)
    }
    return results
  }

  private func compare(_ demand: RecordKeyDemand, with last: SetID) throws(SystemError) -> RecordKeyComparison
  {
    let before: RecordKeys
    switch try keys(of: last, demand) {
    case .success(let keys): before = keys
    case .failure(let failure): return .failed("those of set \(last): \(failure.text)")
    }
    let count = Int64(before.hashes.count)
    guard demand.isThere else { return .counted(before: count, missing: count) }
    guard demand.isRecorded else { return .failed("those of this set were not recorded") }
    switch try keys(of: set, demand) {
    case .success(let now): return .counted(before: count, missing: before.missing(in: now))
    case .failure(let failure): return .failed("those of this set: \(failure.text)")
    }
  }

  private struct Failure: Error { var text: String }

  private func keys(of set: SetID, _ demand: RecordKeyDemand) throws(SystemError) -> Result<
    RecordKeys, Failure
  > {
    guard let own = try spool.ownFolder(of: set) else {
      return .failure(Failure(text: "its folder is not there any more (ArchiveKeepSec=)"))
    }
    do throws(SystemError) {
      switch try RecordKeyFolder.read(for: demand.key, in: own) {
      case .success(let keys) where ExactText(keys.field) == ExactText(demand.field): return .success(keys)
      case .success(let keys): return .failure(Failure(text: "they are of the field '\(keys.field)'"))
      case .failure(let failure): return .failure(Failure(text: failure.description))
      }
    } catch {
      if error.isLimit || error.isTimeout || error.isCancelled { throw error }
      return .failure(Failure(text: error.description))
    }
  }
}
