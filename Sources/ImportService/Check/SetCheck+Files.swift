import ImportCore
import ImportSystem

/// A set whose control file was read.
extension SetCheck {
  func checkSet(
    _ bytes: [UInt8], controlPath: String, controlName: String?, _ place: Place
  ) throws(SystemError) -> [FileFinding] {
    switch ControlFile.read(bytes) {
    case .invalid(let findings): return findings.map { FileFinding(controlPath, LintFinding($0)) }
    case .valid(let control):
      let lint = ControlLint(bytes)
      let listing = try Inspector.listing(of: place.folder, place.folder.entries())
      let mapping = TakenSet.files(of: control, in: listing, rules: rules)
      var own = lint.findings + defaultFindings(control, lint, listing, place)
      own += missing(control, lint, listing, mapping.findings)
      let (found, warnings) = try checkFiles(mapping, lint, place)
      let findings = (own + warnings).map { FileFinding(controlPath, $0) } + found
      return try findings + checkSums(place)
        + unnamed(mapping.files.map(\.file), besides: controlName, listing, place)
    }
  }

  /// Examines each file once; the warnings are those about names that no record has, where all records are known.
  private func checkFiles(
    _ mapping: (files: [MappedFile], findings: [IntakeFinding]), _ lint: ControlLint, _ place: Place
  ) throws(SystemError) -> (findings: [FileFinding], warnings: [LintFinding]) {
    var findings: [FileFinding] = []
    var seen = lint.names
    var knowsAll = mapping.findings.isEmpty && !mapping.files.isEmpty
    for file in mapping.files {
      guard let options = lint.options(forKey: file.key) else { continue }
      let result = try data(file.file, options, lint.names, place)
      findings += result.findings
      if let names = result.names { seen.formUnion(names) } else { knowsAll = false }
    }
    return (findings, knowsAll ? lint.warnings(about: seen) : [])
  }

  /// Examines one data file; nil for the names where they cannot be told.
  func data(
    _ name: String, _ options: ReaderOptions, _ names: SourceNames, _ place: Place
  ) throws(SystemError) -> (findings: [FileFinding], names: SourceNames?) {
    let path = place.path(name)
    do {
      let file = try place.folder.openForReading(name, for: "check")
      let links = try file.status().links
      var check = DataCheck(options, names: names, limit: readerLimit)
      try file.forEachBlock { check.take($0) }
      let (found, names) = check.finish()
      var findings = found.list.map { FileFinding(path, $0) }
      if links > 1 {
        findings.append(
          FileFinding(
            path, LintFinding(.error, "it has \(links) hard links; put a copy of the file in its place")))
      }
      return (findings, names)
    } catch  where error.isIO {
      throw error
    } catch {
      return ([FileFinding(path, LintFinding(.error, error.description))], nil)
    }
  }

  /// What the mapping could not find, each at its key in the control file; what is about several keys at its beginning.
  private func missing(
    _ control: ControlFile, _ lint: ControlLint, _ listing: Inspector.Listing, _ findings: [IntakeFinding]
  ) -> [LintFinding] {
    if findings.isEmpty { return [] }
    var rest = Set(findings)
    var result: [LintFinding] = []
    for file in control.files {
      let alone = ControlFile(files: [file], hasDefault: false)
      for finding in TakenSet.files(of: alone, in: listing, rules: rules).findings {
        rest.remove(finding)
        result.append(lint.finding(.error, aboutKey: file.key, Self.text(finding)))
      }
    }
    let several = findings.filter { rest.contains($0) }.map {
      LintFinding(.error, "\($0.path): \(Self.text($0))")
    }
    return result + several
  }

  private static func text(_ finding: IntakeFinding) -> String {
    finding.text + (finding.remedy.map { " (\($0))" } ?? "")
  }

  private func defaultFindings(
    _ control: ControlFile, _ lint: ControlLint, _ listing: Inspector.Listing, _ place: Place
  ) -> [LintFinding] {
    guard control.hasDefault else { return [] }
    let key = ControlFile.defaultKey
    if isDropDirectory {
      return [lint.finding(.error, aboutKey: key, "a flat set cannot have \(key); drop it as a folder")]
    }
    if rules.markerFile != nil || listing.contains(where: { $0.name == DropName.sums }) { return [] }
    let text = "with \(key) a set is complete only with \(DropName.sums) or its source's MarkerFile="
    return [lint.finding(.warning, aboutKey: key, text)]
  }

  /// Compares the digests of a `SHA256SUMS` in the set.
  private func checkSums(_ place: Place) throws(SystemError) -> [FileFinding] {
    guard try place.folder.status(DropName.sums) != nil else { return [] }
    let path = place.path(DropName.sums)
    let list: ChecksumList
    do {
      list = ChecksumList(try place.folder.readFile(DropName.sums, atMost: ChecksumList.largest))
    } catch {
      return [FileFinding(path, LintFinding(.error, error.description))]
    }
    var findings = list.findings.map { FileFinding(path, LintFinding($0)) }
    for entry in list.entries {
      if let text = try problem(of: entry, place) {
        findings.append(FileFinding(path, LintFinding(.error, line: entry.line, text)))
      }
    }
    return findings
  }

  private func problem(of entry: ChecksumList.Entry, _ place: Place) throws(SystemError) -> String? {
    do {
      var folder = place.folder
      let parts = entry.name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      for part in parts.dropLast() { folder = try folder.openDirectory(part) }
      let (digest, _) = try folder.openForReading(parts.last ?? "").sha256 { false }
      return SHA256Digest(bytes: digest) == entry.digest ? nil : "'\(entry.name)' has another SHA-256"
    } catch  where error.isIO {
      throw error
    } catch {
      return error.description
    }
  }

  /// Warns of what lies in a set's folder and is not sent.
  private func unnamed(
    _ named: [String], besides control: String?, _ listing: Inspector.Listing, _ place: Place
  ) -> [FileFinding] {
    guard place.isFolder else { return [] }
    let known = Set(
      (named + [DropName.sums, control, rules.markerFile].compactMap(\.self)).map(ExactText.init))
    return listing.filter { !known.contains(ExactText($0.name)) }.sorted {
      ExactText($0.name) < ExactText($1.name)
    }
    .map { entry in
      let text =
        DropName.isTemporary(entry.name)
        ? "a temporary name: the set is not complete as long as it is there"
        : "the control file does not name it, so it is not sent"
      return FileFinding(place.path(entry.name), LintFinding(.warning, text))
    }
  }
}
