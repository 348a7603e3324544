#!/bin/sh
# Runs the TLS self-test client, its first argument, against openssl s_server: what must work, what must be refused.
set -eu

client=$(realpath "$1")
work=$(mktemp -d)
server=
passed=0 failed=0
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"
mkfifo ready

# --- certificates ------------------------------------------------------------

cat >ca.conf <<'END'
[ca]
default_ca = one
[one]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
policy = any
copy_extensions = none
[any]
commonName = supplied
[leaf]
subjectAltName = DNS:localhost,DNS:*.example.test,IP:127.0.0.1,IP:::1
[issuer]
basicConstraints = critical,CA:TRUE
[length_only]
basicConstraints = critical,DER:30:03:02:01:01
END
touch index.txt

# new_key NAME KIND: rsa:BITS or a curve
new_key() {
    case $2 in
        rsa:*) openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:${2#rsa:}" ;;
        *) openssl genpkey -quiet -algorithm EC -pkeyopt "ec_paramgen_curve:$2" ;;
    esac >"$1.key"
}

# root NAME KIND [DIGEST]
root() {
    new_key "$1" "$2"
    openssl req -x509 -new -key "$1.key" -"${3:-sha256}" -subj "/CN=$1" -days 3650 >"$1.pem"
}

# issue NAME KIND ISSUER [EXTENSIONS [FROM TO [OPTION...]]]
issue() {
    name=$1 issuer=$3 extensions=${4:-leaf} from=${5:-20200101000000Z} to=${6:-20991231235959Z}
    new_key "$name" "$2"
    if [ $# -gt 6 ]; then shift 6; else set -- -md sha256; fi
    openssl req -new -key "$name.key" -subj "/CN=$name" >"$name.csr"
    openssl ca -config ca.conf -batch -notext -cert "$issuer.pem" -keyfile "$issuer.key" -extensions "$extensions" \
        -startdate "$from" -enddate "$to" -in "$name.csr" -out "$name.pem" "$@"
}

make_certificates() {
    root rsa-root rsa:2048
    root ec-root P-384 sha384
    root old-root rsa:2048 sha1
    root stranger P-256
    issue unknown P-256 stranger
    issue rsa rsa:2048 rsa-root
    issue rsa4096 rsa:4096 rsa-root
    issue p256 P-256 ec-root
    issue p384 P-384 ec-root
    issue p521 P-521 ec-root
    issue old rsa:2048 old-root
    issue middle P-256 ec-root issuer
    issue below P-256 middle
    cat middle.pem >>below.pem
    issue no-ca P-256 ec-root length_only
    issue below-no-ca P-256 no-ca
    cat no-ca.pem >>below-no-ca.pem
    issue pss rsa:2048 rsa-root leaf 20200101000000Z 20991231235959Z -md sha256 -sigopt rsa_padding_mode:pss
    issue sha1 rsa:2048 rsa-root leaf 20200101000000Z 20991231235959Z -md sha1
    issue expired P-256 ec-root leaf 20200101000000Z 20200102000000Z
    issue future P-256 ec-root leaf 20980101000000Z 20991231235959Z
    openssl rsa -traditional -in rsa.key -out rsa-pkcs1.key
    openssl ec -in p256.key -out p256-sec1.key
    openssl x509 -in p256.pem -outform DER -out p256.der
    cat rsa-root.pem ec-root.pem old-root.pem >roots.pem
}

# --- one case ----------------------------------------------------------------

# serve CERTIFICATE OPTION...: starts a server and sets $port
serve() {
    certificate=$1
    shift
    openssl s_server -accept 127.0.0.1:0 -www -cert "$certificate.pem" -cert_chain "$certificate.pem" \
        -key "$certificate.key" "$@" >ready 2>server.log &
    server=$!
    exec 3<ready
    while read -r word address <&3; do
        [ "$word" = ACCEPT ] && break
    done
    port=${address##*:}
}

quit() {
    kill "$server"
    wait "$server" 2>/dev/null || true
    exec 3<&-
    server=
}

# expect PATTERN ARGUMENT...: what the client says of the server that runs
expect() {
    pattern=$1
    shift
    said=$("$client" "$@" 2>&1) || true
    # shellcheck disable=SC2254 # a pattern on purpose
    case $said in
        $pattern) passed=$((passed + 1)) && echo "ok: $title: $said" | tr '\n' ' ' ;;
        *) failed=$((failed + 1)) && printf 'FAILED: %s: wanted "%s", got "%s"' "$title" "$pattern" "$said" ;;
    esac
    echo
}

# check PATTERN CERTIFICATE "SERVER OPTIONS" [CLIENT ARGUMENT...]
check() {
    pattern=$1 certificate=$2 options=$3
    shift 3
    title="$certificate $options $*"
    # shellcheck disable=SC2086 # words on purpose
    serve "$certificate" $options
    expect "$pattern" "$@" "$port" roots.pem
    quit
}

# --- all cases ---------------------------------------------------------------

suites() {
    for cipher in AES128-GCM-SHA256:AES_128_GCM_SHA256 AES256-GCM-SHA384:AES_256_GCM_SHA384 \
        CHACHA20-POLY1305:CHACHA20_POLY1305_SHA256; do
        ours=$(echo "${cipher#*:}" | sed -e 's/_/-/g' -e 's/\(AES-...-GCM\)/\1/')
        for certificate in rsa rsa4096 p256 p384 p521; do
            case $certificate in rsa*) kind=RSA ;; *) kind=ECDSA ;; esac
            check "TLSv1.2 TLS-ECDHE-$kind-WITH-$ours *" "$certificate" "-tls1_2 -cipher ECDHE-$kind-${cipher%:*}"
            check "TLSv1.3 TLS1-3-$ours *" "$certificate" "-tls1_3 -ciphersuites TLS_${cipher#*:}"
        done
    done
}

both_versions() {
    for version in 1.2 1.3; do
        flag=-tls$(echo $version | tr . _)
        well="TLSv$version *"
        for group in X25519 P-256 P-384 P-521; do check "$well" rsa "$flag -groups $group"; done
        check "$well" rsa "$flag -serverpref -sigalgs rsa_pss_rsae_sha256"
        check "$well" old "$flag"
        check "$well" below "$flag"
        check "$well" pss "$flag"
        check "$well" p256 "$flag" -n 127.0.0.1
        check "$well" p256 "$flag" -n ::1
        check "$well" p256 "$flag" -n www.example.test
        check "wrong name" p256 "$flag" -n example.test
        check "wrong name" p256 "$flag" -n a.www.example.test
        check "wrong name" p256 "$flag" -n 127.0.0.2
        check "wrong name" rsa "$flag" -n rsa
        check "unknown issuer" unknown "$flag"
        check "error *" below-no-ca "$flag"
        check "expired" expired "$flag"
        check "not yet valid" future "$flag"
        check "weak hash" sha1 "$flag -cipher DEFAULT@SECLEVEL=0"
        demand="$flag -Verify 2 -verify_return_error -CAfile roots.pem"
        check "error *" p256 "$demand"
        check "$well" p256 "$demand" -c rsa.pem -k rsa.key
        check "$well" p256 "$demand" -c rsa.pem -k rsa-pkcs1.key
        check "$well" rsa "$demand" -c p256.pem -k p256.key
        check "$well" rsa "$demand" -c p256.der -k p256-sec1.key
        check "$well" rsa "$demand" -c p384.pem -k p384.key
        check "$well$well$well$well$well$well$well$well" p256 "$flag" -t 8
    done
    check "TLSv1.3 *" rsa ""
    check "error *" rsa "-tls1_1 -cipher DEFAULT@SECLEVEL=0"
}

make_certificates >setup.log 2>&1 || { cat setup.log >&2; exit 1; }
suites
both_versions
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
