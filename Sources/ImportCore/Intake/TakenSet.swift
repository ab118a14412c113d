/// Finds the files of a set that stands in `work/`, by the same rules by which it was judged complete.
public enum TakenSet {
  /// The file for each key of the control file, in the order of upload, and what is wrong if something is. `listing`
  /// is all that is in the set's folder.
  public static func files(
    of control: ControlFile, in listing: [(name: String, status: EntryStatus)], rules: IntakeRules
  ) -> (files: [MappedFile], findings: [IntakeFinding]) {
    var index = DropIndex(rules: rules)
    index.observe(listing: listing, obstacles: [:], at: MonotonicInstant(nanoseconds: 0))
    return ControlMapping(rules: rules, index: index, prefix: "").map(control)
  }
}
