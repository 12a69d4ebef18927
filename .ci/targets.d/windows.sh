# shellcheck shell=bash disable=SC2034,SC2054,SC2154
# Windows, as far as a Linux machine can show it: GNU's toolchain, and Wine for a system.

triple=x86_64-pc-windows-gnu
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=/usr/lib/wine/wine64
# Each call to Windows goes through one process, the server of Wine: more tests at once wait for it, and are late.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$(nproc)}
# Wine says nothing, looks for no display, and takes no menus or file associations from this machine.
export WINEDEBUG=-all WINEDLLOVERRIDES='winemenubuilder.exe=d;mscoree=d;mshtml=d' WINEPREFIX=$built/wine
unset DISPLAY
# By the locale Wine knows which names the files of this machine have.
export LC_ALL=C.UTF-8

build=(--locked -Zbuild-std=std,panic_abort --target "$triple")

# A system that nothing was installed in, with the one library that Wine lacks.
fresh_wine() {
    stop_wine
    rm -rf -- "$WINEPREFIX"
    # It is ready when its server has nothing more to do.
    if ! limit /usr/lib/wine/wine64 wineboot --init >"$built/wineboot.log" 2>&1 || ! limit /usr/lib/wine/wineserver64 --wait; then
        cat "$built/wineboot.log"
        return 1
    fi
    local system=$WINEPREFIX/drive_c/windows/system32
    x86_64-w64-mingw32-gcc -shared -O1 -Wall -Werror -o "$system/bcryptprimitives.dll" \
        "$root/.ci/targets.d/process_prng.c" -ladvapi32
}

# Ends what runs in our Wine, and nothing else: its server knows it by WINEPREFIX.
stop_wine() {
    if [[ -d $WINEPREFIX ]]; then timeout --kill-after=10 60 /usr/lib/wine/wineserver64 --kill || true; fi
}

# Debian's clippy may be newer than that of `.ci/run`, where its new lints can't be named in the sources. Of these the
# first is mistaken about a macro of std for this target, the second about wakers that are counted.
lints=(-D warnings -A clippy::missing_const_for_thread_local -A clippy::manual_noop_waker)

lint_windows() {
    debian_clippy "${build[@]}" --keep-going --workspace --all-targets --all-features -- "${lints[@]}" &&
        debian_clippy "${build[@]}" --manifest-path adapters/rmcp/Cargo.toml --lib -- "${lints[@]}"
}

# Has clippy compile the members, by what cargo's own `clippy` sets for it: they are linted and built at once, and what
# they depend on is built once, not checked and then built.
linting() { # COMMAND…
    local -x RUSTC_WORKSPACE_WRAPPER=/usr/bin/clippy-driver CLIPPY_ARGS
    CLIPPY_ARGS=$(printf '%s__CLIPPY_HACKERY__' "${lints[@]}")
    "$@"
}

without=()
# The tests of the program that play a server by a script: Wine takes minutes for them.
skip_scripts_of_the_program() {
    local module
    for module in answered browsing failing giving info results secure showing wanting watching; do
        without+=(--skip "$module::")
    done
}

# Wine itself fails now and then, such as with error 1359 where the process that it starts dies before it runs anything.
# So a few failed tests are tried once more, alone, and that is said: `targets: AGAIN` is for who reads the log to judge.
# Skips what `without` has.
wine_tests() {
    local said=$built/wine-tests.log status=0 failed
    debian_cargo test "${build[@]}" --no-fail-fast "$@" -- "${without[@]}" 2>&1 | tee "$said" || status=$?
    [[ $status -ne 0 ]] || return 0
    # Ended by `limit`: who knows what else would have failed.
    [[ $status -ne 124 && $status -ne 137 ]] || return "$status"
    failed_in_order "$said" || return "$status"
    mapfile -t failed < <(sed -nE 's/^test (.*) \.\.\. FAILED$/\1/p' "$said" | sort -u)
    # Many: it isn't Wine.
    [[ ${#failed[@]} -ge 1 && ${#failed[@]} -le 3 ]] || return "$status"
    say "AGAIN $name: ${failed[*]}"
    debian_cargo test "${build[@]}" --no-fail-fast "$@" -- --exact "${failed[@]}"
}

# Whether each test program that failed has come to its end, and said so: none crashed, and all were built.
failed_in_order() { # LOG
    awk '
        /^ +Running / { ended = 0 }
        /^test result: FAILED\./ { ended = 1 }
        /^error: test failed, to rerun pass / { failed += ended }
        /^error: [0-9]+ targets? failed:$/ { all = $2 }
        END { exit !(all > 0 && failed == all) }
    ' "$1"
}

# Ctrl-C as it is typed, which is what Wine has of a console's events: the demo ends its session in order, says so, and
# ends with the status that Windows has for that, of which Linux sees the last byte.
ctrl_c() { # RUNTIME
    local program=$built/$triple/debug/tenure.exe said=$built/ctrl-c.log line typed='' status=0
    # `exec`: which shell `script` takes is a matter of SHELL, and one that waits would be ended by the same Ctrl-C.
    coproc terminal {
        limit script --quiet --return --flush --command "exec /usr/lib/wine/wine64 $program demo --runtime $1" /dev/null
    }
    local terminal_pid=$terminal_PID
    # In the slow teardown of the first server.
    while IFS= read -r -t 60 line; do
        printf '%s\n' "$line"
        if [[ -z $typed && $line == *'close (force)'* ]]; then
            printf '\003' >&"${terminal[1]}"
            typed=yes
        fi
    done <&"${terminal[0]}" >"$said"
    wait "$terminal_pid" || status=$?
    if [[ $status -ne 58 ]] || ! grep -q 'tenure: ended by Ctrl-C (CTRL_C_EVENT)' "$said" || ! grep -q 'g1 is over' "$said"; then
        cat "$said"
        say "status $status, not 58"
        return 1
    fi
}

target_windows() {
    want_compiler rust-web-clippy gcc-mingw-w64-x86-64-win32 wine64
    if [[ -n $quick ]]; then
        skip_scripts_of_the_program
        # Each package with code of its own for Windows; of their tests those that start children, or nearly.
        local what=(-p tenure-process -p tenure-http -p tenure-mcp -p tenure-smol -p tenure-tokio -p tenure-tests -p tenure-cli)
        what+=(--lib --bins --test children --test conformance --test tracing --test program)
        timed 'built by clippy, warnings denied' linting debian_cargo test "${build[@]}" "${what[@]}" --no-run
        timed 'a fresh Wine' fresh_wine
        trap stop_wine EXIT
        timed 'tests with child processes, under Wine' linting wine_tests "${what[@]}"
    else
        timed 'clippy, warnings denied' lint_windows
        timed 'a fresh Wine' fresh_wine
        trap stop_wine EXIT
        timed 'tests of the workspace, under Wine' wine_tests --workspace --lib --bins --tests
    fi
    local runtime
    for runtime in tokio smol; do timed "Ctrl-C, $runtime" ctrl_c "$runtime"; done
}
