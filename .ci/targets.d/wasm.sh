# shellcheck shell=bash disable=SC2034,SC2154
# wasm32: what builds for a page, the core's tests as WASI programs under node, and the example in a browser.

page=wasm32-unknown-unknown wasi=wasm32-wasip1
# Debian's linker and C library; std's own are not made by -Zbuild-std.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19 CARGO_TARGET_WASM32_WASIP1_LINKER=wasm-ld-19
libc=/usr/lib/wasm32-wasi
# Threads, of which std speaks and Debian's C library doesn't: wasi.mjs says that there are none.
printf 'pthread_%s\n' attr_init attr_setstacksize attr_destroy create join detach >"$built/undefined"
wasi_flags=(-Clink-self-contained=no "-Lnative=$libc" "-Clink-arg=$libc/crt1-command.o" "-Clink-arg=--allow-undefined-file=$built/undefined")
export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS=${wasi_flags[*]}
export CARGO_TARGET_WASM32_WASIP1_RUNNER="node --no-warnings $root/.ci/targets.d/wasi.mjs"

for_a_page() {
    debian_cargo build --locked -Zbuild-std=std,panic_abort --target "$page" -p tenure -p tenure-mcp-proto -p tenure-driver --lib
}

# All but what starts threads, or catches a panic: nothing is unwound there.
under_node() {
    debian_cargo test --locked -Zbuild-std=std,panic_abort --target "$wasi" --no-fail-fast -p tenure --lib --tests -- \
        --skip examples::blocking_threads --skip were_a_step_to_panic
}

# The example, built as above and played in headless Chromium: with a peer that is played, and over a real WebSocket.
in_a_browser() {
    CARGO=/usr/bin/cargo BUILD_STD=-Zbuild-std=std,panic_abort PROFILE=dev limit examples/browser/run
}

target_wasm() {
    want_compiler lld-19 wasi-libc
    command -v node >/dev/null || want nodejs
    timed 'core, protocol and driver, for a page' for_a_page
    timed "the core's tests, WASI programs under node" under_node
    command -v chromium >/dev/null || want chromium
    timed 'a session in a page, played in Chromium' in_a_browser
}
