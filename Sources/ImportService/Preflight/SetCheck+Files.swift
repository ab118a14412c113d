import ImportCore
import ImportSystem

/// A set whose control file was read.
extension SetCheck {
  func checkSet(
    _ bytes: [UInt8], controlPath: String, controlName: String?, _ place: Place,
    _ found: (CheckedFile) -> Void
  ) throws(SystemError) -> [FileFinding] {
    switch ControlFile.read(bytes) {
    case .invalid(let findings): return findings.list.map { FileFinding(controlPath, $0) }
    case .valid(let control):
      let listing = try Inspector.listing(of: place.folder, place.folder.entries())
      let mapping = TakenSet.files(of: control, in: listing, rules: rules)
      var own = control.findings
      own.add(defaultFindings(control, listing, place))
      own.add(missing(control, mapping.findings))
      let (found, warnings) = try checkFiles(mapping, control, place, found)
      own.add(warnings)
      let findings = own.list.map { FileFinding(controlPath, $0) } + found
      return try findings + checkSums(place)
        + unnamed(mapping.files.map(\.file), besides: controlName, listing, place)
    }
  }

  /// Examines each file once. Returns the files' findings, and warnings about fields that no record has, where all
  /// records are known.
  private func checkFiles(
    _ mapping: (files: [MappedFile], findings: [IntakeFinding]), _ control: ControlFile, _ place: Place,
    _ found: (CheckedFile) -> Void
  ) throws(SystemError) -> (findings: [FileFinding], warnings: ValidationFindings) {
    let options = control.optionsByKey
    var findings: [FileFinding] = []
    var seen = control.fields
    var knowsAll = mapping.findings.isEmpty && !mapping.files.isEmpty
    for file in mapping.files {
      guard let options = options[ExactText(file.key)] ?? control.defaultFile?.options else { continue }
      let result = try data(file.file, recordKeys[ExactText(file.key)], options, control.fields, place)
      findings += result.findings
      if let data = result.data { found(CheckedFile(key: file.key, size: result.size, result: data)) }
      if let fields = result.data?.fields { seen.formUnion(fields) } else { knowsAll = false }
    }
    return (findings, knowsAll ? seen.warnings : ValidationFindings())
  }

  /// Examines one data file. Returns nil for what was found in it if it cannot be read.
  func data(
    _ name: String, _ recordKey: String?, _ options: ReaderOptions, _ fields: ReferencedFields, _ place: Place
  ) throws(SystemError) -> (findings: [FileFinding], data: DataCheck.Result?, size: Int64) {
    let path = place.path(name)
    do {
      let file = try place.folder.openForReading(name, for: "check")
      let links = try file.status().links
      var check = DataCheck(options, fields: fields, limit: readerLimit, recordKey: recordKey)
      let size = try file.forEachBlock { check.take($0) }
      var result = check.finish()
      if links > 1 {
        result.findings.add(
          ValidationFinding(.error, "it has \(links) hard links; put a copy of the file in its place"))
      }
      return (result.findings.list.map { FileFinding(path, $0) }, result, size)
    } catch  where error.isIO {
      throw error
    } catch {
      return ([FileFinding(path, ValidationFinding(.error, error.description))], nil, 0)
    }
  }

  /// Errors about files that were not found, each at its key in the control file; an error about several keys at its
  /// beginning.
  private func missing(_ control: ControlFile, _ findings: [IntakeFinding]) -> ValidationFindings {
    let places = Dictionary(
      control.files.map { (ExactText($0.key), $0.place) }, uniquingKeysWith: { first, _ in first })
    var result = ValidationFindings()
    for finding in findings {
      if let place = finding.key.flatMap({ places[ExactText($0)] }) {
        result.add(ValidationFinding(.error, place, Self.text(finding)))
      } else {
        result.add(ValidationFinding(.error, "\(finding.path): \(Self.text(finding))"))
      }
    }
    return result
  }

  private static func text(_ finding: IntakeFinding) -> String {
    finding.text + (finding.remedy.map { " (\($0))" } ?? "")
  }

  private func defaultFindings(
    _ control: ControlFile, _ listing: Inspector.Listing, _ place: Place
  ) -> ValidationFindings {
    var result = ValidationFindings()
    guard let file = control.defaultFile else { return result }
    let isComplete = rules.markerFile != nil || listing.contains { $0.name == DropName.sums }
    if isDropDirectory {
      result.add(ValidationFinding(.error, file.place, "a flat set cannot have DEFAULT; drop it as a folder"))
    } else if !isComplete {
      let text = "with DEFAULT a set is complete only with \(DropName.sums) or its source's MarkerFile="
      result.add(ValidationFinding(.warning, file.place, text))
    }
    return result
  }

  /// Compares the digests of a `SHA256SUMS` in the set.
  private func checkSums(_ place: Place) throws(SystemError) -> [FileFinding] {
    guard try place.folder.status(DropName.sums) != nil else { return [] }
    let path = place.path(DropName.sums)
    let list: ChecksumList
    do {
      list = ChecksumList(try place.folder.readFile(DropName.sums, atMost: ChecksumList.largest))
    } catch {
      return [FileFinding(path, ValidationFinding(.error, error.description))]
    }
    var findings = ValidationFindings()
    for finding in list.findings { findings.add(ValidationFinding(finding)) }
    for entry in list.entries {
      if let text = try problem(of: entry, place) {
        findings.add(ValidationFinding(.error, line: entry.line, text))
      }
    }
    return findings.list.map { FileFinding(path, $0) }
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

  /// Warns of files in a set's folder that are not sent: the first twenty, and the number of the others.
  private func unnamed(
    _ named: [String], besides control: String?, _ listing: Inspector.Listing, _ place: Place
  ) -> [FileFinding] {
    guard place.isFolder else { return [] }
    let known = Set(
      (named + [DropName.sums, control, rules.markerFile].compactMap(\.self)).map(ExactText.init))
    let names = listing.map { ExactText($0.name) }.filter {
      !known.contains($0) && !Litter.contains(path: $0.text)
    }.sorted()
    let findings = names.prefix(ValidationFindings.limit).map { name in
      let text =
        DropName.isTemporary(name.text)
        ? "a temporary name: the set is not complete as long as it is there"
        : "the control file does not name it, so it is not sent"
      return FileFinding(place.path(name.text), ValidationFinding(.warning, text))
    }
    guard names.count > findings.count else { return findings }
    let rest = "and \(names.count - findings.count) more files that the control file does not name"
    return findings + [FileFinding(place.prefix, ValidationFinding(.warning, rest))]
  }
}
