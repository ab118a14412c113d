import ImportCore
import ImportSystem

/// Looks into folders as soon as they are seen for the first time, in the same visit: mostly they were moved in complete.
struct Newcomers: Sendable {
  /// The names that are no news.
  let known: Set<ExactText>
  /// True if it is the only name, so that what is opened may stay open.
  let isAlone: Bool
  let directory: String
  let rules: IntakeRules
  let usesLeases: Bool
  let time: any Time

  /// What was found, if this is a new folder that may be a set.
  func look(_ name: EntryName, _ status: EntryStatus?, _ visit: DropVisit) -> (
    CandidateLook, CandidateLook.Ending
  )? {
    guard let status, status.kind == .directory, let text = name.string,
      DropScan.strangeness(of: name) == nil,
      !DropName.isTemporary(text), !known.contains(ExactText(text))
    else { return nil }
    var look = CandidateLook(
      .init(folder: text, in: directory, status: status, index: DropIndex(rules: rules)), needsListing: true,
      rules: rules, usesLeases: usesLeases, time: time)
    var inside = visit.visit(to: text)
    let ending = look.run(&inside)
    if !isAlone { look.close() }
    return (look, ending)
  }
}
