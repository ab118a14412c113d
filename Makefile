# haplo-importd: `make demo` and `make test` are all a newcomer needs; `make help` lists the rest.

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
JOBS ?= $(shell nproc)

bindir = $(PREFIX)/bin
docdir = $(PREFIX)/share/doc/haplo-importd
mandir = $(PREFIX)/share/man
libdir = $(PREFIX)/lib

# Where shells look for completions; Debian's zsh has a directory of its own for packages.
bashcompletiondir = $(PREFIX)/share/bash-completion/completions
zshcompletiondir = $(PREFIX)/share/zsh/site-functions
fishcompletiondir = $(PREFIX)/share/fish/vendor_completions.d

# Where systemd looks for units, and how programs are installed (the Debian package strips them itself).
UNITDIR ?= $(libdir)/systemd/system
INSTALL_PROGRAM ?= install -s
# Where `make deb` puts the packages.
DEB_DESTINATION ?= .build/deb

# Every debug build has the same flags, so that demo, test and check share one. The check enforces the floors
# (docs/architecture.md): a target may import only what it depends on.
SWIFT_FLAGS = --jobs $(JOBS) --explicit-target-dependency-import-check error
RELEASE_FLAGS = --jobs $(JOBS) --configuration release --static-swift-stdlib --disable-local-rpath \
  -Xswiftc -Xclang-linker -Xswiftc -fuse-ld=lld -Xlinker -z -Xlinker now -Xlinker -z -Xlinker pack-relative-relocs \
  $(REPRODUCIBLE_FLAGS)
# The directory of the build must not matter. Debug information, from which the build id is computed, contains it, and so do hashes
# with which the compiler avoids repeated work. The functions' names stay, for valgrind and perf.
REPRODUCIBLE_FLAGS = -Xlinker --strip-debug -Xswiftc -file-prefix-map -Xswiftc $(CURDIR)=. -Xcc -ffile-prefix-map=$(CURDIR)=. \
  -Xswiftc -Xfrontend -Xswiftc -disable-incremental-llvm-codegen

# Linked libraries, and programs that the demo and the tests call.
PACKAGES = libsystemd-dev libcurl4-openssl-dev libssl-dev libxml2-dev libmicrohttpd-dev \
  ca-certificates jq rsync openssl strace mandoc python3
# For tests of metrics and alert rules: promtool, without the server that its package would start.
PROMTOOL = command -v promtool >/dev/null || ! command -v apt-get >/dev/null || test "$$(id -u)" != 0 || \
  Tests/Peers/borrow.sh .build/promtool prometheus
export PATH := $(PATH):$(CURDIR)/.build/promtool/root/usr/bin
# For `make power-cut`; for `make deb`; and for `make system-test`.
POWER_CUT_PACKAGES = perl-base e2fsprogs xfsprogs btrfs-progs
DEB_PACKAGES = dpkg-dev debhelper lintian
SYSTEM_TEST_PACKAGES = systemd-container mmdebstrap curl jq rsync openssh-client openssh-sftp-server python3 zip unzip e2fsprogs \
  gnupg autopkgtest
# For the source package; and for `make reproducible` and `make piuparts`.
SOURCE_PACKAGES = $(DEB_PACKAGES) devscripts git
PACKAGE_TEST_PACKAGES = mmdebstrap debootstrap piuparts
# For `make peer-test`: what is installed for it, and what is only borrowed, without being installed.
PEER_TEST_PACKAGES = systemd curl
PEERS = openssh-server openssh-client samba smbclient vsftpd nginx tinyproxy-bin

# For `make bench`: the peers, and what measures.
BENCH_PACKAGES = valgrind libc6-dbg curl python3 python3-requests python3-watchdog inotify-tools strace gnuplot-nox systemd-container

.DEFAULT_GOAL := build
.PHONY: help deps deb-deps source-deps package-test-deps system-test-deps build release man lint check test test-quiet demo pictures install uninstall deb \
  torture simulate soak fuzz sanitize power-cut source reproducible piuparts \
  power-cut-deps system-test system-test-clean peer-test-deps peer-test cluster-test bench-deps bench counts way clean

help: ## lists the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 18

deps: ## installs the Debian packages that are missing
deb-deps: PACKAGES += $(DEB_PACKAGES)
source-deps: PACKAGES += $(SOURCE_PACKAGES)
package-test-deps: PACKAGES += $(SOURCE_PACKAGES) $(PACKAGE_TEST_PACKAGES)
system-test-deps: PACKAGES += $(SYSTEM_TEST_PACKAGES)
power-cut-deps: PACKAGES += $(POWER_CUT_PACKAGES)
peer-test-deps: PACKAGES += $(PEER_TEST_PACKAGES)
bench-deps: PACKAGES += $(BENCH_PACKAGES)
deps deb-deps source-deps package-test-deps system-test-deps power-cut-deps peer-test-deps bench-deps:
	@missing=; \
	if ! command -v dpkg-query >/dev/null; then \
	  echo "not a Debian system; it needs what these packages hold: $(PACKAGES)"; exit 0; \
	fi; \
	for package in $(PACKAGES); do \
	  case "$$(dpkg-query -W -f='$${db:Status-Status}' $$package 2>/dev/null)" in \
	    installed) ;; *) missing="$$missing $$package";; \
	  esac; \
	done; \
	test -n "$$missing" || exit 0; \
	if test "$$(id -u)" != 0; then \
	  echo "error: missing packages; as root, run: apt-get install$$missing" >&2; exit 1; \
	fi; \
	echo "installing:$$missing"; \
	apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $$missing

build: ## builds everything for use here (debug)
	swift build $(SWIFT_FLAGS)

# Manual pages and completions are made by the test that compares them, for it sees the tables that the program has.
man: deps ## makes manual pages and completions anew, from their templates (*.in) and the program's own tables
	swift build --build-tests $(SWIFT_FLAGS)
	HAPLO_WRITE_DOCUMENTS=1 swift test --skip-build --disable-xctest $(SWIFT_FLAGS) --filter GeneratedFileTests

lint: ## checks the formatting of the source, and the manual pages where mandoc is installed
	swift format lint --strict --recursive --parallel Sources Tests Package.swift
	! command -v mandoc >/dev/null || mandoc -T lint -W warning docs/man/*.[1-8]

# Without a width the runner starts all tests at once: more services than a user may have inotify instances, and deadlines that
# pass while tests wait for each other. Failures are repeated at the end of the log.
WIDTH ?= 12
layers: deps build ## checks that no folders of a target need each other in a circle
	python3 Tests/Layers/cycles.py

way: bench-deps build ## lists the source files that a small set passes through: at most 50
	/usr/bin/python3 Tests/Layers/way.py "$$(swift build $(SWIFT_FLAGS) --show-bin-path)"

test: export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH = $(WIDTH)
test: SHELL = /bin/bash -o pipefail
test: deps ## runs every test, WIDTH of them at a time
	$(PROMTOOL)
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build --disable-xctest $(SWIFT_FLAGS) 2>&1 | tee .build/tests.log || \
	  { echo "What failed:"; grep -E '✘ Test .* recorded an issue|^ *↳' .build/tests.log; tail -n 1 .build/tests.log; exit 1; }

# The tests of intake, claims and crashes, with the default QuietSec=, which passes a thousand times as fast as the world's.
test-quiet: export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH = $(WIDTH)
test-quiet: deps ## runs the tests of intake, order and crashes with the default quiet time
	swift build --build-tests $(SWIFT_FLAGS)
	HAPLO_DEFAULT_QUIET=1 swift test --skip-build --disable-xctest $(SWIFT_FLAGS) \
	  --filter 'ImportServiceTests\.(Intake|Crash|Order|Claiming|DoublePresence|End|FailingDisk|HostileDrop|JournalCut|Replaced|Obstructed|NoReplace)'

check: lint layers test test-quiet counts ## what must hold before a commit: formatting, warnings, floors, tests, what a set costs

# The peers are Debian's Python and its packages, whatever other Python comes first in the path.
ROUNDS ?= 5
bench: bench-deps deb ## compares with other programs for the same task, writes docs/performance.md (ROWS="small latency", ROUNDS=5)
	/usr/bin/python3 Tests/Bench/bench.py "$$(swift build $(RELEASE_FLAGS) --show-bin-path)" \
	  --packages $(DEB_DESTINATION) --rows "$(ROWS)" --rounds $(ROUNDS)

counts: bench-deps release ## counts what a set costs, and compares with the baseline (UPDATE=1 makes it the baseline)
	/usr/bin/python3 Tests/Bench/counts.py "$$(swift build $(RELEASE_FLAGS) --show-bin-path)" $(if $(UPDATE),--update)

torture: deps build ## kills real processes at random and at system calls (SEEDS=5, MINUTES=, SETS=12, INJECT=1)
	SEEDS=$(SEEDS) MINUTES=$(MINUTES) SETS=$(SETS) INJECT=$(INJECT) \
	  Tests/Torture/torture.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)"

soak: deps release ## many sets with commands beside the daemon, then a large archive (SETS=20000, MINUTES=, ARCHIVED=100000)
	SETS=$(SETS) MINUTES=$(MINUTES) /usr/bin/python3 Tests/Soak/soak.py "$$(swift build $(RELEASE_FLAGS) --show-bin-path)"
	ARCHIVED=$(ARCHIVED) /usr/bin/python3 Tests/Soak/archive.py "$$(swift build $(RELEASE_FLAGS) --show-bin-path)"

# A build apart, optimised, since histories a second are what counts.
SIMULATION_BUILD = swift build --scratch-path .build/simulation --configuration release $(SWIFT_FLAGS)
simulate: deps ## simulates the whole daemon from seeds (SEEDS=1000, FIRST=1, HOURS=48, SEED=n replays one, WITHOUT=, CONTROLS=1)
	$(SIMULATION_BUILD) --product haplo-simulation
	"$$($(SIMULATION_BUILD) --show-bin-path)/haplo-simulation" --hours $(or $(HOURS),48) --jobs $(JOBS) \
	  $(if $(CONTROLS),--controls,$(if $(SEED),--seed $(SEED) --without "$(WITHOUT)",--seeds $(or $(SEEDS),1000) --first $(or $(FIRST),1)))

power-cut: power-cut-deps build ## cuts the power of ext4, xfs and btrfs at every call (root; STEP=1, SEED=, MINUTES=, FILESYSTEMS=, LAYOUTS=)
	STEP=$(STEP) SEED=$(SEED) AGAIN=$(AGAIN) MINUTES=$(MINUTES) FILESYSTEMS="$(FILESYSTEMS)" LAYOUTS="$(LAYOUTS)" \
	  Tests/PowerCut/power-cut.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)"

# A build apart, with coverage for libFuzzer in every target; the first one takes about three minutes.
FUZZ_BUILD = HAPLO_FUZZ=1 swift build --scratch-path .build/fuzz --configuration release $(SWIFT_FLAGS)
fuzz: deps ## tries the readers with inputs that libFuzzer makes (SECONDS=10 for each target, TARGETS=, CORPUS=)
	$(FUZZ_BUILD) --product haplo-fuzz
	SECONDS_EACH=$(SECONDS) CORPUS=$(CORPUS) Tests/Fuzz/fuzz.sh "$$($(FUZZ_BUILD) --show-bin-path)/haplo-fuzz" $(TARGETS)

# Builds apart, about three minutes each the first time.
SANITIZERS ?= address thread
sanitize: deps ## runs tests under the sanitizers for memory and for threads (SANITIZERS=thread, SUITES='SUITE|SUITE')
	for sanitizer in $(SANITIZERS); do SUITES='$(SUITES)' Tests/Sanitizers/sanitize.sh $$sanitizer $(SWIFT_FLAGS) || exit 1; done

demo: deps build ## imports sample sets although the daemon is killed, and shows the result (VERBOSE=1: and the log)
	VERBOSE=$(VERBOSE) Tests/Demo/demo.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)"

pictures: deps build ## makes the screens of README.md anew: docs/status.svg and docs/demo.svg
	/usr/bin/python3 Tests/Demo/pictures.py "$$(swift build $(SWIFT_FLAGS) --show-bin-path)" docs

release: ## builds what is installed: optimised, with the Swift runtime inside
	swift build $(RELEASE_FLAGS) --product haplo-importd
	swift build $(RELEASE_FLAGS) --product haplo-simulator

# The units that have a template for instances. haplo-importd-notify@.service is the notice about one set, hence the other
# name for the template of haplo-importd-notify.service.
INSTANCE_UNITS = haplo-importd.service haplo-importd-once.service haplo-importd-once.timer haplo-importd-verify.service \
  haplo-importd-verify.timer haplo-importd-notify.path

# An existing configuration is not changed; if the new one differs, it is installed next to it.
install: release ## installs under DESTDIR and PREFIX
	bin=$$(swift build $(RELEASE_FLAGS) --show-bin-path); \
	$(INSTALL_PROGRAM) -D -m 0755 -t $(DESTDIR)$(bindir) $$bin/haplo-importd $$bin/haplo-simulator
	install -d $(DESTDIR)$(UNITDIR)
	cp systemd/*.service systemd/*.timer systemd/*.path $(DESTDIR)$(UNITDIR)/
	cd systemd && for unit in $(INSTANCE_UNITS); do \
	  sed -f instance.sed $$unit > $(abspath $(DESTDIR)$(UNITDIR))/$${unit%.*}@.$${unit##*.} || exit 1; \
	done
	sed -f systemd/instance.sed systemd/haplo-importd-notify.service > $(DESTDIR)$(UNITDIR)/haplo-importd-notify-instance@.service
	sed -i -e 's|/usr/bin/haplo-importd|$(bindir)/haplo-importd|' -e 's|/usr/share/doc/|$(PREFIX)/share/doc/|' \
	  -e 's|/usr/lib/haplo-importd/|$(libdir)/haplo-importd/|' \
	  -e 's|/usr/lib/tmpfiles.d/|$(libdir)/tmpfiles.d/|' $(DESTDIR)$(UNITDIR)/haplo-importd*
	chmod 0644 $(DESTDIR)$(UNITDIR)/haplo-importd*
	install -D -m 0755 systemd/haplo-importd-notify $(DESTDIR)$(libdir)/haplo-importd/notify
	install -d $(DESTDIR)$(libdir)/nagios/plugins
	sed -e 's|/usr/bin/haplo-importd|$(bindir)/haplo-importd|' etc/monitoring/check_haplo_importd \
	  > $(DESTDIR)$(libdir)/nagios/plugins/check_haplo_importd
	chmod 0755 $(DESTDIR)$(libdir)/nagios/plugins/check_haplo_importd
	install -D -m 0644 -t $(DESTDIR)$(libdir)/sysusers.d systemd/sysusers.d/haplo-importd.conf
	install -D -m 0644 -t $(DESTDIR)$(libdir)/tmpfiles.d systemd/tmpfiles.d/haplo-importd.conf
	install -d $(DESTDIR)$(libdir)/systemd/catalog
	sed -e 's|/usr/share/doc/|$(PREFIX)/share/doc/|' systemd/catalog/haplo-importd.catalog \
	  > $(DESTDIR)$(libdir)/systemd/catalog/haplo-importd.catalog
	install -d $(DESTDIR)$(SYSCONFDIR)/haplo-importd/haplo-importd.conf.d
	conf=$(DESTDIR)$(SYSCONFDIR)/haplo-importd/haplo-importd.conf; \
	if test -e $$conf && ! cmp -s etc/haplo-importd.conf $$conf; then \
	  echo "$$conf stays as it is; the new one is $$conf.new"; conf=$$conf.new; \
	fi; \
	install -m 0644 etc/haplo-importd.conf $$conf
	install -D -m 0644 -t $(DESTDIR)$(docdir) README.md CHANGELOG.md LICENSE
	install -D -m 0644 -t $(DESTDIR)$(docdir)/docs docs/*.md docs/*.svg
	install -D -m 0644 -t $(DESTDIR)$(docdir)/docs/decisions docs/decisions/*.md
	cd etc && find examples -type f -exec install -D -m 0644 {} $(DESTDIR)$(docdir)/{} \;
	install -D -m 0644 -t $(DESTDIR)$(docdir)/examples etc/haplo-importd.conf.d/*.example
	install -D -m 0644 -t $(DESTDIR)$(mandir)/man8 docs/man/haplo-importd.8
	install -D -m 0644 -t $(DESTDIR)$(mandir)/man5 docs/man/haplo-importd.conf.5
	install -D -m 0644 -t $(DESTDIR)$(mandir)/man1 docs/man/haplo-simulator.1
	install -D -m 0644 etc/completions/haplo-importd.bash $(DESTDIR)$(bashcompletiondir)/haplo-importd
	install -D -m 0644 etc/completions/haplo-importd.zsh $(DESTDIR)$(zshcompletiondir)/_haplo-importd
	install -D -m 0644 -t $(DESTDIR)$(fishcompletiondir) etc/completions/haplo-importd.fish

# Everything that `make install` installed, found by its name. Configuration, spool and journal are kept, as by `apt remove`.
uninstall: ## removes what `make install` installed; keeps configuration, spool and journal
	rm -f $(addprefix $(DESTDIR)$(bindir)/,haplo-importd haplo-simulator)
	rm -f $(DESTDIR)$(UNITDIR)/haplo-importd.service $(DESTDIR)$(UNITDIR)/haplo-importd@.service $(DESTDIR)$(UNITDIR)/haplo-importd-*
	rm -rf $(DESTDIR)$(libdir)/haplo-importd $(DESTDIR)$(docdir)
	rm -f $(DESTDIR)$(libdir)/nagios/plugins/check_haplo_importd
	rm -f $(DESTDIR)$(libdir)/sysusers.d/haplo-importd.conf $(DESTDIR)$(libdir)/tmpfiles.d/haplo-importd.conf
	rm -f $(DESTDIR)$(libdir)/systemd/catalog/haplo-importd.catalog
	rm -f $(DESTDIR)$(mandir)/man8/haplo-importd.8 $(DESTDIR)$(mandir)/man5/haplo-importd.conf.5 $(DESTDIR)$(mandir)/man1/haplo-simulator.1
	rm -f $(DESTDIR)$(bashcompletiondir)/haplo-importd $(DESTDIR)$(zshcompletiondir)/_haplo-importd
	rm -f $(DESTDIR)$(fishcompletiondir)/haplo-importd.fish
	@echo "kept: $(SYSCONFDIR)/haplo-importd, /var/spool/haplo-importd, /var/lib/haplo-importd"

deb: deb-deps ## builds the Debian packages, and runs lintian on them
	mkdir -p $(DEB_DESTINATION) && rm -f $(DEB_DESTINATION)/*.deb
	DEB_DESTINATION=$(abspath $(DEB_DESTINATION)) dpkg-buildpackage --build=binary --no-sign --no-check-builddeps \
	  --buildinfo-file=$(abspath $(DEB_DESTINATION))/haplo-importd.buildinfo \
	  --changes-file=$(abspath $(DEB_DESTINATION))/haplo-importd.changes \
	  --buildinfo-option=-u$(abspath $(DEB_DESTINATION)) --changes-option=-u$(abspath $(DEB_DESTINATION))
	lintian --fail-on error,warning --allow-root $(DEB_DESTINATION)/*.deb

# For tests that do what Debian does with packages. The source package has the files that git knows or would add.
source: source-deps ## makes the Debian source package, and tests it with lintian and uscan
	Tests/Packages/source.sh .build/source

reproducible: package-test-deps source deb ## builds the packages again, in a clean Debian elsewhere, and compares (root)
	Tests/Packages/reproducible.sh .build/source $(DEB_DESTINATION) .build/reproducible

piuparts: package-test-deps deb ## lets piuparts install, upgrade and purge the packages in a clean Debian of SUITE= (root)
	Tests/Packages/piuparts.sh $(SUITE) $(DEB_DESTINATION) .build/piuparts-$(SUITE)

system-test: system-test-deps deb ## installs the packages in a guest with systemd and journald, and tries everything (root)
	Tests/Peers/borrow.sh .build/sshd openssh-server
	$(PROMTOOL)
	Tests/System/system-test.sh $(DEB_DESTINATION)

# The system test on a clean Debian, this one's suite or another: make system-test-clean SUITE=trixie
SUITE ?= $(shell . /etc/os-release && echo $$VERSION_CODENAME)
system-test-clean: system-test-deps deb ## the same in a clean Debian of SUITE=, which is downloaded, and its lintian
	Tests/Packages/lintian.sh $(SUITE) $(DEB_DESTINATION)
	Tests/System/clean-root.sh $(SUITE) $(DEB_DESTINATION) .build/guest-$(SUITE)
	Tests/System/system-test.sh $(DEB_DESTINATION) .build/guest-$(SUITE)

peer-test: peer-test-deps build ## lets other people's programs drop sets, and stand before the server (root)
	Tests/Peers/borrow.sh .build/peers $(PEERS)
	Tests/Peers/peer-test.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)" .build/peers

cluster-test: deps build ## lets two hosts share a spool, and kills the first (root)
	Tests/Peers/cluster-test.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)"

clean: ## removes what was built
	swift package clean
