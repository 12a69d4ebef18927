# shellcheck shell=bash disable=SC2034,SC2154
# What the targets have in common. Sourced by .ci/targets, which sets `root` and `quick`.

# A folder of its own, with a short name: paths grow long on Windows.
built=${CARGO_TARGET_DIR:-$root/target}
[[ $built == /* ]] || built=$root/$built
built=$built/targets
mkdir -p "$built"

export CARGO_TARGET_DIR=$built CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0
# Debian's, whatever comes first in PATH. It is a stable release; std is built from its sources all the same.
export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
unset RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTFLAGS CARGO_ENCODED_RUSTFLAGS RUSTUP_TOOLCHAIN

compiler=(rustc-web cargo-web rust-web-src)

say() { printf 'targets: %s\n' "$*"; }

# Ends this target, not the script.
skip() { # REASON
    say "SKIPPED $name: $*"
    exit 0
}

is_installed() { [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# Has these packages of Debian's installed, or ends this target.
want() { # PACKAGE…
    local missing=() package
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    command -v apt-get >/dev/null || skip "there is no apt-get to install ${missing[*]}"
    [[ $(id -u) -eq 0 ]] || skip "only root can install ${missing[*]}"
    say "installing ${missing[*]}"
    local log=$built/apt.log
    # One at a time, by a lock on this file: apt-get doesn't wait for another.
    {
        flock 9
        at_most 300 apt-get update --quiet --quiet &&
            DEBIAN_FRONTEND=noninteractive at_most 900 \
                apt-get install --quiet --quiet --yes --no-install-recommends "${missing[@]}"
    } >"$log" 2>&1 9<"$root/.ci/targets" || {
        tail -n 5 "$log"
        skip "apt-get can't install ${missing[*]}"
    }
}

# Has the compiler and these other packages installed, and a compiler that is new enough; or ends this target.
want_compiler() { # PACKAGE…
    want "${compiler[@]}" "$@"
    local least has
    least=$(sed -nE 's/^rust-version = "([0-9.]+)"/\1/p' "$root/Cargo.toml")
    has=$("$RUSTC" --version | cut -d ' ' -f 2)
    [[ $(printf '%s\n%s\n' "$least" "$has" | sort -V | head -n 1) == "$least" ]] ||
        skip "Debian's Rust is $has here, and this workspace needs $least"
}

# Runs a command and says how long it took, and how much of that on the processors: other work doesn't count there.
# A function that is called so has no `set -e`: it returns its failures.
timed() { # WHAT COMMAND…
    local began=$SECONDS before after status=0
    spent before
    "${@:2}" || status=$?
    spent after
    if [[ $status -ne 0 ]]; then
        say "FAILED $name: $1 (exit $status)"
        exit "$status"
    fi
    say "ok $name: $1, $(minutes $((SECONDS - began))) min ($(minutes $((after - before))) of one processor)"
}

minutes() { printf '%d.%02d' $(($1 / 60)) $(($1 % 60 * 100 / 60)); }

# Seconds of processor time that this shell's children took. Asked in a pipe or in `$(…)`, it would be another shell's.
spent() { # VARIABLE
    local seconds
    times >"$built/times"
    seconds=$(tail -n 1 "$built/times" | tr 'ms' '  ' | awk '{ printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }')
    printf -v "$1" '%s' "$seconds"
}

# When all commands together must have ended. `.ci/run` has a limit of its own around `--quick`, a little longer: its
# `timeout` could not end what ours runs, in a process group of its own.
deadline=$((SECONDS + 86400))
longest=3600
if [[ -n $quick ]]; then deadline=$((SECONDS + 1700)) longest=1500; fi

# No command may take longer: on a busy machine the tests of the whole workspace take three quarters of an hour.
limit() { at_most "$longest" "$@"; }

at_most() { # SECONDS COMMAND…
    local left=$((deadline - SECONDS)) seconds=$1
    if [[ $left -lt $seconds ]]; then seconds=$((left > 1 ? left : 1)); fi
    timeout --kill-after=10 "$seconds" "${@:2}"
}

debian_cargo() { limit /usr/bin/cargo "$@"; }

# Cargo's clippy asks CARGO for the cargo to run.
debian_clippy() { CARGO=/usr/bin/cargo limit /usr/bin/cargo-clippy clippy "$@"; }
