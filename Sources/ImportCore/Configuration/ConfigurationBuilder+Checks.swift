/// What no value can show alone: things that are missing, and values that do not go together.
extension ConfigurationBuilder {
  /// Asks for an address and a source, without which there is nothing to do.
  mutating func requireWhatIsNecessary(_ sources: [SourceSettings]) {
    if hasBadHeader { return }
    if assignment(.server, "URL") == nil {
      report(.server, "URL", "URL= is missing in [Server]; write 'URL=https://' and the server's name")
    }
    if sources.isEmpty {
      report(.daemon, "", "there is no source; write a section [Source NAME] with Mode=dry-run to begin with")
    }
  }

  /// Checks that the key does not travel unencrypted, and what else concerns the connection.
  mutating func checkServer(_ server: ServerSettings) {
    if let url = try? ServerURL(server.url), url.isPlain, !url.isLoopback {
      if server.allowPlainHTTP {
        report(.server, "AllowPlainHTTP", "the API key is sent unencrypted to \(url.text)", as: .warning)
      } else if !isBad(.server, "AllowPlainHTTP") {
        report(
          .server, "URL",
          "URL=\(url.text) would send the API key unencrypted; write 'https://', or AllowPlainHTTP=yes if need be"
        )
      }
    }
    if server.clientKeyFile != nil, server.clientCertificateFile == nil,
      !isBad(.server, "ClientCertificateFile")
    {
      report(
        .server, "ClientKeyFile", "ClientKeyFile= needs ClientCertificateFile= with the key's certificate")
    }
    if server.maxConnections > 8 {
      report(
        .server, "MaxConnections",
        "MaxConnections=\(server.maxConnections): the server works on eight requests at once, the others wait",
        as: .warning
      )
    }
  }

  /// Checks that every dropped file has exactly one owner: no directory is another, or lies in another.
  mutating func checkDirectories(_ daemon: DaemonSettings, _ sources: [SourceSettings]) {
    var seen: [(name: String, path: String)] = daemon.reservedDirectories
    for (name, path) in seen where name == "StateDirectory=" {
      let folder = daemon.spoolFolders.first { AbsolutePath.isInside(path, $0.path) }
      if let folder {
        report(.daemon, "StateDirectory", "\(name)\(path) lies in \(folder.name) \(folder.path)")
      }
    }
    for source in sources where !isBad(.source(source.name), "Directory") {
      if let other = seen.first(where: { Self.overlap($0.path, source.directory) }) {
        report(
          .source(source.name), "Directory",
          "Directory=\(source.directory) of [Source \(source.name)] overlaps with \(other.name) (\(other.path));"
            + " neither may be the other or lie in it")
      }
      seen.append(("the directory of [Source \(source.name)]", source.directory))
    }
  }

  private static func overlap(_ left: String, _ right: String) -> Bool {
    AbsolutePath.isInside(left, right) || AbsolutePath.isInside(right, left)
  }
}

extension DaemonSettings {
  /// The folders of the spool that sets go through, with the names of those after `drop/`.
  var spoolFolders: [(name: String, path: String)] {
    ["drop", "work", "held", "rejected", "archive"].map { ("the spool's \($0)/", "\(spoolDirectory)/\($0)") }
  }

  /// Where no source may drop anything.
  var reservedDirectories: [(name: String, path: String)] {
    spoolFolders.dropFirst() + [
      ("StateDirectory=", stateDirectory), ("RuntimeDirectory=", runtimeDirectory),
    ]
  }
}
