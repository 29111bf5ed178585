# shellcheck shell=sh
# processes.sh — processes that a script starts, and that outlive it. Source it behind lib.sh, with
# `dir` naming the folder where it keeps who they are.
#
# shellcheck disable=SC2154  # dir is the script's own

# A process has a name, such as worker-2, and two files: NAME.pid holds its number and when it was
# started, NAME.log what it says. The number alone may be another process's by now.

# When process $1 was started, in ticks since the machine was. Nothing if there is none, or if it has
# ended and is not collected. (Its program's name stands in parentheses, and may have some itself.)
start_of() {
    awk '{ sub(/.*\) /, ""); if ($1 != "Z" && $1 != "X") print $20 }' "/proc/$1/stat" 2>/dev/null ||
        true
}

# Is the process of name $1 there? Sets `pid`.
is_running() {
    pid=
    started=
    [ -f "$dir/$1.pid" ] || return 1
    read -r pid started <"$dir/$1.pid" || true
    [ "$pid" ] && [ "$started" ] && [ "$(start_of "$pid")" = "$started" ]
}

signal() {
    if is_running "$2"; then kill "-$1" "$pid" 2>/dev/null || true; fi
}

# start NAME INPUT COMMAND...: a session of its own lets it outlive the terminal. INPUT is read and
# written, so that a pipe never ends.
start() {
    name=$1
    input=$2
    shift 2
    if [ -f "$dir/$name.log" ]; then mv "$dir/$name.log" "$dir/$name.log.1"; fi
    setsid "$@" <>"$input" >"$dir/$name.log" 2>&1 9>&- &
    printf '%s %s\n' "$!" "$(start_of "$!")" >"$dir/$name.pid"
}

# The last that the process of name $1 has said.
last_words() {
    tail -n 1 "$dir/$1.log" 2>/dev/null | sed 's/^[0-9TZ:.-]* //'
}

# The names of all that were started and match the patterns.
names() {
    for pattern in "$@"; do
        for file in "$dir"/$pattern.pid; do
            [ -f "$file" ] || continue
            file=${file##*/}
            printf '%s\n' "${file%.pid}"
        done
    done
}

# Wait until `$2...` is true, for at most $1 tenths of a second.
wait_for() {
    tenths=$1
    shift
    while ! "$@"; do
        [ "$tenths" -gt 0 ] || return 1
        tenths=$((tenths - 1))
        sleep 0.1
    done
}
