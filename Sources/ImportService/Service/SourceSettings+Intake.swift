import ImportCore

extension SourceSettings {
  /// What of a source's configuration decides which sets are complete.
  var intakeRules: IntakeRules {
    IntakeRules(self)
  }

  /// The source as its intake knows it.
  var dropSource: DropSource {
    DropSource(
      name: name, directory: directory, rules: intakeRules, rescan: rescan, incompleteWarn: incompleteWarn,
      incompleteReject: incompleteReject)
  }
}
