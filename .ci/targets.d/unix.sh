# shellcheck shell=bash disable=SC2154
# Unixes that can't be run here: macOS on both processors, and FreeBSD. Checking needs no linker. All that needs no C
# compiler for them: what speaks TLS does.

unixes=(aarch64-apple-darwin x86_64-apple-darwin x86_64-unknown-freebsd)

# What looks for something on Linux alone seems to return too much here, or to need no `self`; and locks are larger.
halves=(-A clippy::unnecessary_wraps -A clippy::unused_self -A clippy::large_enum_variant)

check_unix() { # TARGET
    debian_clippy --locked -Zbuild-std=std,panic_abort --target "$1" --lib \
        -p tenure-process --features tenure-process/guardian -p tenure-tokio -p tenure-smol -p tenure-mcp -- \
        -D warnings -A clippy::missing_const_for_thread_local "${halves[@]}"
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
