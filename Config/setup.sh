#!/usr/bin/env bash
# Installs the Debian packages that building and running Callgate needs. Run it as often as you like: when everything is there it only
# looks, and takes no rights. Needs root, or sudo, only when a package is missing.
#
#   Config/setup.sh
#
# What it says goes to stderr. Ends with 0 when everything is there, else with 1.
set -euo pipefail

# libssl-dev: signatures. libjansson-dev: JSON. libsqlite3-dev: the store. zlib1g-dev: Agora's tokens.
readonly packages=(libssl-dev libjansson-dev libsqlite3-dev zlib1g-dev)
readonly swift_wanted="6.3"

say() { printf 'setup: %s\n' "$*" >&2; }

fail() {
    say "$@"
    exit 1
}

# The packages among ours that are not installed, one a line.
missing_packages() {
    local package
    for package in "${packages[@]}"; do
        if [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" != installed ]]; then
            printf '%s\n' "$package"
        fi
    done
}

# Runs a command with the rights to install packages.
as_root() {
    if [[ "$(id -u)" == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        # sudo drops the environment, so what apt-get should know goes along in words.
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        fail "no rights to install packages, and no sudo here. Run this script as root, or ask for: ${packages[*]}"
    fi
}

install_packages() {
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    # A network that hiccups, or another apt at work, is waited for; one that is not there ends in a message.
    local options=(-o Acquire::Retries=3 -o DPkg::Lock::Timeout=120)
    as_root apt-get "${options[@]}" -qq update >&2 ||
        say "apt-get update failed (no network?); trying with the package lists that are here"
    as_root apt-get "${options[@]}" -qq install -y --no-install-recommends "$@" >&2 ||
        fail "apt-get could not install: $*. Its own words are above."
}

main() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        fail "this system has no apt, so nothing was installed. Install with your own package manager what Debian calls: ${packages[*]}"
    fi

    local missing
    mapfile -t missing < <(missing_packages)
    if ((${#missing[@]} > 0)); then
        install_packages "${missing[@]}"
        mapfile -t missing < <(missing_packages)
        if ((${#missing[@]} > 0)); then fail "still missing after the installation: ${missing[*]}"; fi
    fi
    say "packages: all there (${packages[*]})"

    if ! command -v swift >/dev/null; then
        fail "Swift is missing. Install Swift ${swift_wanted} or newer from https://www.swift.org/install/linux/ and put it on the PATH."
    fi
}

main "$@"
