# shellcheck shell=bash disable=SC2154
# Without an operating system: `tenure` for a Cortex-M4F, from core and alloc alone.

bare_metal=thumbv7em-none-eabihf

bare() { # PART-OF-STD ARGUMENTS…
    debian_cargo build --locked -Zbuild-std="$1" --target "$bare_metal" -p tenure --lib "${@:2}"
}

# What isn't there is missed: with the feature `std` it can't build.
bare_with_std() {
    if bare core,alloc --features std >"$built/bare.log" 2>&1; then
        say 'WRONG bare: it builds with the feature std, where there is none'
        return 1
    fi
    grep -qF "can't find crate for \`std\`" "$built/bare.log" || {
        cat "$built/bare.log"
        return 1
    }
}

target_bare() {
    want_compiler
    timed 'the machine' bare core,alloc
    timed 'the machine, as data and with its checker' bare core,alloc --features serde,check
    timed 'the bottom layer, without alloc' bare core --no-default-features
    timed 'std is missed where it is used' bare_with_std
}
