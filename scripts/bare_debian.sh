#!/usr/bin/env bash
# Proves on a bare Debian 12 (made by debootstrap, thrown away afterwards) that a fresh clone installs and answers,
# as root and as an ordinary user, with nothing but python3, python3-venv, make and git. Needs root and debootstrap.
set -euo pipefail
cd "$(dirname "$0")/.."
project=$PWD
[ "$(id -u)" -eq 0 ] || { echo "only root can make a bare Debian"; exit 2; }
command -v debootstrap >/dev/null || { echo "debootstrap is missing: apt-get install debootstrap"; exit 2; }

bare=$(mktemp -d /tmp/bare-debian.XXXXXX)
chmod 755 "$bare" # it becomes / for everybody in it
throw_away() {
    if mountpoint -q "$bare/proc"; then umount "$bare/proc"; fi
    rm -rf --one-file-system "$bare"
}
trap throw_away EXIT

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/*$')
echo "making a bare Debian 12 in $bare"
debootstrap --variant=minbase --include=python3,python3-venv,make,git,ca-certificates bookworm "$bare" "$mirror" >/dev/null
cp /etc/resolv.conf /etc/hosts "$bare/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$bare/etc/ssl/certs/"
mount --bind /proc "$bare/proc"
chroot "$bare" useradd --create-home ada

try_as() { # try_as USER HOME
    echo "installing a fresh clone as $1"
    git clone --quiet "$project" "$bare$2/ondijon"
    chroot "$bare" chown -R "$1:$1" "$2/ondijon"
    chroot --userspec="$1:$1" "$bare" /usr/bin/env -i HOME="$2" LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        PIP_CERT=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
        bash -c "cd '$2/ondijon' && make install >install.log 2>&1 || { tail -20 install.log; exit 1; }
                 make --question install && .venv/bin/ondijon --help >/dev/null && echo '  it answers'"
}
try_as root /root
try_as ada /home/ada
echo "a bare Debian 12 runs it for root and for an ordinary user"
