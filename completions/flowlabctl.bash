# Completion of flowlabctl for bash, as `flowlabctl completion bash` prints it.
_flowlabctl() {
    local line=${COMP_LINE:0:COMP_POINT} words word cut reply
    read -ra words <<<"$line"
    [[ $line != *[[:space:]] ]] || words+=("")
    word=${words[-1]} cut=${word%"${word##*[=:]}"} COMPREPLY=()
    while IFS=$'\t' read -r reply _; do
        case $reply in
            :file) compopt -o filenames; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "${word#"$cut"}") ;;
            :directory) compopt -o filenames; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "${word#"$cut"}") ;;
            *=) compopt -o nospace; COMPREPLY+=("${reply#"$cut"}") ;;
            *) COMPREPLY+=("${reply#"$cut"}") ;;
        esac
    done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
}
complete -F _flowlabctl flowlabctl
