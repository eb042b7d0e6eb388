# Completion of pyhttpd's command line for bash. Source this file, or put it where bash-completion looks:
#     cp docs/completion/pyhttpd.bash ~/.local/share/bash-completion/completions/pyhttpd
# Commands and options are those that `pyhttpd -h` and `pyhttpd COMMAND -h` list; each is asked once a shell.

declare -A _pyhttpd_known

_pyhttpd_ask() { # KEY WORD... - the help of a command, into _pyhttpd_known[KEY]
    local key=$1
    shift
    [[ -n ${_pyhttpd_known[$key]+x} ]] || _pyhttpd_known[$key]=$("$@" 2>&1 </dev/null)
}

_pyhttpd_options() { # the options at the beginning of the lines of a help text
    sed -n 's/^ \{1,\}\(-[^ ].*\)/\1/p' <<<"$1" | sed 's/  .*//' |
        grep -oE '(^|[ ,])--?[A-Za-z][A-Za-z0-9-]*' | tr -d ' ,' | sort -u
}

_pyhttpd_commands() { # the first words that the usage lists
    sed -n 's/^ \{1,\}[a-z]*httpd \([a-z|-]*\) \[.*/\1/p' <<<"$1" | tr '|' '\n'
}

_pyhttpd() {
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} choices=
    COMPREPLY=()
    _pyhttpd_ask server "$program" -h
    case $before in
    -f | -E | --pid-file | --scoreboard)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return ;;
    -d)
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return ;;
    -k) choices="start restart graceful graceful-stop stop" ;;
    -e) choices="emerg alert crit error warn notice info debug" ;;
    --mpm) choices="prefork worker event" ;;
    --method) choices="GET HEAD POST PUT DELETE OPTIONS TRACE" ;;
    --why)
        _pyhttpd_ask directives "$program" -L
        choices=$(sed -n 's/^<\{0,1\}\([A-Za-z0-9_]*\) (.*/\1/p' <<<"${_pyhttpd_known[directives]}") ;;
    *)
        if ((COMP_CWORD == 1)) && [[ $word != -* ]]; then
            choices=$(_pyhttpd_commands "${_pyhttpd_known[server]}")
        elif [[ $word == -* || -z $word ]]; then
            local key=server
            if [[ $COMP_CWORD -gt 1 && $'\n'$(_pyhttpd_commands "${_pyhttpd_known[server]}")$'\n' == *$'\n'"$command"$'\n'* ]]; then
                case $command in
                configtest | start | restart | graceful | graceful-stop | stop) ;;
                *) key=$command && _pyhttpd_ask "$key" "$program" "$command" -h ;;
                esac
            fi
            choices=$(_pyhttpd_options "${_pyhttpd_known[$key]}")
        fi ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
}

complete -F _pyhttpd pyhttpd
