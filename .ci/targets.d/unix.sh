# shellcheck shell=bash disable=SC2154
# What can't be run here: macOS on both processors, FreeBSD, and Windows by the names of MSVC. Checking needs no linker,
# and no C compiler for them: what it would make is never read.

unixes=(aarch64-apple-darwin x86_64-apple-darwin x86_64-unknown-freebsd x86_64-pc-windows-msvc)

# What looks for something on Linux alone seems to return too much here, or to need no `self`; and locks are larger.
halves=(-A clippy::unnecessary_wraps -A clippy::unused_self -A clippy::large_enum_variant)

check_unix() { # TARGET
    local name=${1//-/_} packages=(-p tenure-process -p tenure-tokio -p tenure-smol -p tenure-mcp)
    if [[ -n $quick ]]; then
        packages+=(--features tenure-process/guardian)
    else
        packages+=(-p tenure-http -p tenure-cli --bins --all-features)
    fi
    # What cryptography has in C. An SDK is looked for on a Mac alone.
    limit env "CC_$name=$root/.ci/targets.d/no-cc" "AR_$name=$root/.ci/targets.d/no-cc" SDKROOT=/ \
        CARGO=/usr/bin/cargo /usr/bin/cargo-clippy clippy --locked -Zbuild-std=std,panic_abort --target "$1" \
        --lib "${packages[@]}" -- -D warnings -A clippy::missing_const_for_thread_local "${halves[@]}"
}

target_unix() {
    want_compiler rust-web-clippy
    local unix
    for unix in "${unixes[@]}"; do
        timed "$unix: clippy, warnings denied" check_unix "$unix"
        # What is true of one is mostly true of all.
        if [[ -n $quick ]]; then break; fi
    done
}
