# What stands between the daemon and its server: nginx, which ends TLS and has limits and failures of its own, and a forward proxy.

source "$here/certificates.sh"
source "$here/nginx-failures.sh"

# nginx's ports: TLS with a limit on bodies, client certificates, an expired certificate, one for another host, a rate limit,
# a page for times of maintenance, and no TLS. tinyproxy's ports: one that lets pass, one that does not, one that wants a password.
tls=8443 mutual=8444 expired=8445 elsewhere=8446 hurried=8447 closed=8448 plain=8449
forward=8888 strict=8889 password=8890

start_nginx() {
  local at=$work/nginx
  mkdir -p "$at" && chown "$exporter" "$at"
  cat >"$at/conf" <<END
daemon off;
worker_processes 1;
pid $at/pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path $at/body;
  proxy_temp_path $at/proxy;
  fastcgi_temp_path $at/fastcgi;
  uwsgi_temp_path $at/uwsgi;
  scgi_temp_path $at/scgi;
  limit_req_zone \$server_port zone=slow:1m rate=30r/m;
  limit_req_status 429;
  ssl_certificate $work/tls/server.pem;
  ssl_certificate_key $work/tls/server.key;
  proxy_set_header Host \$host;
  client_max_body_size 1m;
  proxy_read_timeout 1s;
  server { listen 127.0.0.1:$tls ssl; location / { proxy_pass http://127.0.0.1:$1; } }
  server {
    listen 127.0.0.1:$mutual ssl;
    ssl_client_certificate $work/tls/own-ca.pem;
    ssl_verify_client on;
    location / { proxy_pass http://127.0.0.1:$1; }
  }
  server {
    listen 127.0.0.1:$expired ssl;
    ssl_certificate $work/tls/expired.pem;
    ssl_certificate_key $work/tls/expired.key;
  }
  server {
    listen 127.0.0.1:$elsewhere ssl;
    ssl_certificate $work/tls/elsewhere.pem;
    ssl_certificate_key $work/tls/elsewhere.key;
  }
  server { listen 127.0.0.1:$plain; }
  server { listen 127.0.0.1:$hurried ssl; limit_req zone=slow burst=2 nodelay; location / { proxy_pass http://127.0.0.1:$1; } }
  server {
    listen 127.0.0.1:$closed ssl;
    error_page 503 @closed;
    location / {
      if (-f $at/maintenance) { return 503; }
      proxy_pass http://127.0.0.1:$1;
    }
    location @closed { add_header Retry-After 3 always; return 503 "closed for maintenance\n"; }
  }
}
END
  start_other nginx setpriv --reuid "$exporter" --regid "$exporter" --clear-groups nginx -e stderr -c "$at/conf"
  wait_for 20 nginx is_listening "$tls" || fail 'no nginx'
}

# start_tinyproxy PORT LINES: tinyproxy, without privileges.
start_tinyproxy() {
  printf 'Port %s\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\nLogLevel Connect\n%b' "$1" "$2" >"$work/tinyproxy-$1.conf"
  start_other "tinyproxy-$1" setpriv --reuid "$exporter" --regid "$exporter" --clear-groups tinyproxy -d -c "$work/tinyproxy-$1.conf"
  wait_for 20 tinyproxy is_listening "$1" || fail 'no tinyproxy'
}

# online LINE…: what 'haplo-importd config --online' says with these lines in [Server].
online() {
  local at=$work/online
  mkdir -p "$at"
  { printf '[Server]\nAPIKeyFile=%s\n' "$work/proxied/key"; printf '%s\n' "$@"; printf '[Source hr]\n'; } >"$at/haplo-importd.conf"
  importd online config --online 2>&1 | tail -n 1 # the lines before it show the configuration
}

try_certificates() {
  local url=URL=https://localhost ca=CAFile=$work/tls/own-ca.pem
  heading "TLS: the server's certificate, and ours"
  check 'an authority of its own (CAFile=) is trusted' says 0 'works' online "$url:$tls" "$ca"
  check 'without CAFile= it is not, and is what is said to be missing (69)' says 69 'CAFile=' online "$url:$tls"
  check 'another authority is not trusted (69)' says 69 'CAFile=' online "$url:$tls" "CAFile=$work/tls/foreign-ca.pem"
  check 'a missing file is named (78)' says 78 "$work/tls/none.pem" online "$url:$tls" "CAFile=$work/tls/none.pem"
  check 'an expired certificate is called expired (69)' says 69 'certificate has expired' online "$url:$expired" "$ca"
  check "another host's is called that (69)" says 69 'certificate is for another host name' online "$url:$elsewhere" "$ca"
  check 'https at a port without TLS is told (69)' says 69 'does it speak TLS' online "$url:$plain" "$ca"
  check 'http at a port with TLS is told (78)' says 78 'plain HTTP request was sent to HTTPS port' online "URL=http://localhost:$tls"
  check 'a client certificate is accepted' says 0 'works' online "$url:$mutual" "$ca" \
    "ClientCertificateFile=$work/tls/client.pem" "ClientKeyFile=$work/tls/client.key"
  check 'none where one is asked for is told (78)' says 78 'ClientCertificateFile=' online "$url:$mutual" "$ca"
  check "another authority's is refused (78)" says 78 'ClientCertificateFile=' online "$url:$mutual" "$ca" \
    "ClientCertificateFile=$work/tls/stranger.pem" "ClientKeyFile=$work/tls/stranger.key"
  check "one with another's key is told (78)" says 78 'does not belong to the certificate' online "$url:$mutual" "$ca" \
    "ClientCertificateFile=$work/tls/client.pem" "ClientKeyFile=$work/tls/stranger.key"
  check 'one that is not there is named (78)' says 78 "$work/tls/none.pem" online "$url:$mutual" "$ca" \
    "ClientCertificateFile=$work/tls/none.pem" "ClientKeyFile=$work/tls/client.key"
}

try_forward_proxy() {
  local url=URL=https://localhost ca=CAFile=$work/tls/own-ca.pem
  heading 'A forward proxy: tinyproxy'
  start_tinyproxy $forward "ConnectPort $tls\nConnectPort $mutual\n"
  start_tinyproxy $strict 'ConnectPort 443\n'
  start_tinyproxy $password "ConnectPort $tls\nBasicAuth haplo secret\n"
  check 'https goes through it (CONNECT)' says 0 'works' online "$url:$tls" "$ca" "Proxy=http://127.0.0.1:$forward"
  check 'and it has seen that' grep -q "CONNECT localhost:$tls" "$work/tinyproxy-$forward.log"
  check 'http to loopback goes through it' says 0 'works' online "URL=http://127.0.0.1:$(port_of proxied)" "Proxy=http://127.0.0.1:$forward"
  check 'a proxy that refuses the port (69)' says 69 'does not let this machine connect' online "$url:$tls" "$ca" "Proxy=http://127.0.0.1:$strict"
  check 'a proxy that wants a password (69)' says 69 'USER:PASSWORD@' online "$url:$tls" "$ca" "Proxy=http://127.0.0.1:$password"
  check 'and gets it' says 0 'works' online "$url:$tls" "$ca" "Proxy=http://haplo:secret@127.0.0.1:$password"
  check 'http, and a proxy that wants a password (78)' says 78 'USER:PASSWORD@' online "URL=http://127.0.0.1:$(port_of proxied)" \
    "Proxy=http://127.0.0.1:$password"
  check 'a proxy that is not there (69)' says 69 'Proxy=' online "$url:$tls" "$ca" 'Proxy=http://127.0.0.1:1'
}

# A set that waits, and what 'once' makes of it while something is wrong, and when it is mended.
try_wrong_certificates() {
  heading 'A set, while the certificates are wrong'
  local conf=$work/proxied/haplo-importd.conf.d/10-nginx.conf
  # use LINE…: [Server] as these lines have it.
  use() { { printf '%s\n' '[Server]' "URL=https://localhost:$mutual" "$@"; printf '[Source hr]\nMode=import\nQuietSec=0\n'; } >"$conf"; }
  use "CAFile=$work/tls/foreign-ca.pem"
  drop certified 1000
  check "'once' ends with 75 while the server is not trusted, and says so" says 75 'CAFile=' importd proxied once
  use "CAFile=$work/tls/own-ca.pem"
  # Another attempt is made when it is due, a second or two later.
  check '  with 78 while it wants a certificate of ours' wait_for 10 'the attempt' says 78 'No required SSL certificate' importd proxied once
  use "CAFile=$work/tls/own-ca.pem" "ClientCertificateFile=$work/tls/none.pem"
  check '  with 78 when that is not there' says 78 "$work/tls/none.pem" importd proxied once
  use "CAFile=$work/tls/own-ca.pem" "ClientCertificateFile=$work/tls/client.pem" "ClientKeyFile=$work/tls/client.key" \
    "Proxy=http://127.0.0.1:$forward"
  check '  and with 0 when all is right, by way of tinyproxy' wait_for 60 'the attempt' says 0 'state=archived' importd proxied once
  check '  the set was scheduled once' is "$(cat "$work/proxied/certified.data")" jobs_of proxied "$(cat "$work/proxied/certified.control")"
}

try_proxies() {
  place proxied
  make_certificates
  start_nginx "$(port_of proxied)"
  try_nginx
  try_certificates
  try_forward_proxy
  try_wrong_certificates
}
