#!/usr/bin/env bash
# Makes the certificates that deploy/assay.yaml names: an authority, the server's, and one caller's. For trials and
# small fleets; where there is a certificate authority already, use that.
#
#   deploy/make-certificates.sh [DIRECTORY]    (deploy/certs unless named)
#
#   authority/ca.key        stays here: whoever has it can make callers
#   server/                 what the service reads: ca.pem, server.pem, server.key
#   callers/                what a caller reads: ca.pem, authorization-server.pem, authorization-server.key
set -euo pipefail
umask 077

directory="${1:-$(dirname "${BASH_SOURCE[0]}")/certs}"
days=825

main() {
  if [ -e "$directory" ]; then
    echo "$directory is there already: remove it to make new certificates." >&2
    exit 1
  fi
  mkdir -p "$directory"/{authority,server,callers}
  cd "$directory"
  authority
  # `assay` is the service's name inside the compose network.
  certificate server/server serverAuth "DNS:assay,DNS:localhost,IP:127.0.0.1,IP:::1"
  certificate callers/authorization-server clientAuth "URI:spiffe://example.internal/authorization-server"
  cp authority/ca.pem server/
  cp authority/ca.pem callers/
  chmod 0755 . server
  chmod 0644 ./*/*.pem
  hand_to_the_image
  echo "Made in $PWD, good for $days days."
}

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 3650 -subj "/CN=Assay trial authority" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -keyout authority/ca.key -out authority/ca.pem 2>/dev/null
}

certificate() {
  local name="$1" use="$2" names="$3"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=${name#*/}" \
    -keyout "$name.key" -out "$name.csr" 2>/dev/null
  openssl x509 -req -in "$name.csr" -CA authority/ca.pem -CAkey authority/ca.key -days "$days" -out "$name.pem" -extfile <(
    printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n'
    printf 'extendedKeyUsage=%s\nsubjectAltName=%s\n' "$use" "$names"
  ) 2>/dev/null
  rm "$name.csr"
}

# The image runs as user 1000 and must read the server's key.
hand_to_the_image() {
  case "$(id -u)" in
    1000) ;;
    0) chown 1000:1000 server/server.key ;;
    *) echo "The image runs as user 1000: let it read the key with  sudo chown 1000 $PWD/server/server.key" ;;
  esac
}

main
