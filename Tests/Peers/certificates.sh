# Authorities and certificates, made for the test. The servers and clients read them as users without privileges.

make_certificates() {
  local at=$work/tls
  mkdir -p "$at"
  make_authority own "The test's own authority"
  make_authority foreign 'Another authority'
  make_certificate own server localhost -days 60
  make_certificate own expired localhost -startdate 20200101000000Z -enddate 20200201000000Z
  make_certificate own elsewhere elsewhere.example -days 60
  make_certificate own client haplo-importd -days 60
  make_certificate foreign stranger haplo-importd -days 60
  chmod -R a+rX "$at"
  # A client key that others can read is refused.
  chown "$daemon_user" "$at/client.key" "$at/stranger.key"
  chmod 600 "$at/client.key" "$at/stranger.key"
}

make_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 60 -subj "/CN=$2" -keyout "$work/tls/$1-ca.key" \
    -out "$work/tls/$1-ca.pem" 2>/dev/null
}

# make_certificate AUTHORITY NAME HOST OPTION…
make_certificate() {
  local at=$work/tls
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$3" -addext "subjectAltName=DNS:$3" \
    -keyout "$at/$2.key" -out "$at/$2.csr" 2>/dev/null
  : >"$at/$2.index"
  cat >"$at/ca.conf" <<END
[ca]
default_ca = it
[it]
database = $at/$2.index
new_certs_dir = $at
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
END
  openssl ca -batch -notext -config "$at/ca.conf" -cert "$at/$1-ca.pem" -keyfile "$at/$1-ca.key" -in "$at/$2.csr" \
    -out "$at/$2.pem" "${@:4}" 2>/dev/null
}
