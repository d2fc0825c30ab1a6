namespace HaGrpc.Ctl.Completion;

/// <summary>
/// What shells need to complete hactl's words: each asks <c>hactl complete</c>, which knows everything else, and answers a word a line. The line
/// <c>:files</c> means that files go on here, which shells know better.
/// </summary>
internal static class CompletionScripts
{
    /// <summary>bash cuts at colons, which stand in the middle of our names, and leaves quotes in its words: it gives the whole line, and gets what it has to put in.</summary>
    internal const string Bash = """
        # bash completion of hactl: source <(hactl completion bash), or into /etc/bash_completion.d/hactl
        _hactl() {
            local word
            COMPREPLY=()
            while IFS= read -r word; do
                if [[ $word == :files ]]; then
                    compopt -o bashdefault -o default
                else
                    COMPREPLY+=("$word")
                fi
            done < <("${1/#\~\//$HOME/}" complete --for bash -- "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
            if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
                compopt -o nospace
            fi
        }
        complete -F _hactl hactl

        """;

    internal const string Zsh = """
        #compdef hactl
        # zsh completion of hactl: source <(hactl completion zsh), or as _hactl into a folder of $fpath
        _hactl() {
            local line word program=${(Q)words[1]}
            local -a asked found open
            integer files=0
            [[ $program == '~/'* ]] && program=$HOME/${program#'~/'}
            (( CURRENT > 2 )) && asked=("${(@Q)words[2,CURRENT-1]}")
            asked+=("${(Q)PREFIX}")
            while IFS= read -r line; do
                word=${line%%$'\t'*}
                # A colon ends the word for _describe, unless it is escaped.
                case $word in
                    :files) files=1 ;;
                    *=) open+=("${word//:/\\:}:${line#*$'\t'}") ;;
                    *) found+=("${word//:/\\:}:${line#*$'\t'}") ;;
                esac
            done < <("$program" complete --for zsh -- "${asked[@]}" 2>/dev/null)
            (( ${#found} )) && _describe -V hactl found
            (( ${#open} )) && _describe -V hactl open -S ''
            (( files )) && _files
            return $(( compstate[nmatches] == 0 ))
        }
        if [ "$funcstack[1]" = _hactl ]; then
            _hactl "$@"
        else
            compdef _hactl hactl
        fi

        """;

    internal const string Fish = """
        # fish completion of hactl: hactl completion fish | source, or into ~/.config/fish/completions/hactl.fish
        function __hactl_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            # A quote that is still open is no part of the word.
            set -l begun (string unescape -- $current; or string trim -l -c '\'"' -- $current)
            set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
            for line in ($program complete --for fish -- $words[2..-1] "$begun" 2>/dev/null)
                if test "$line" = :files
                    __fish_complete_path $current
                else
                    printf '%s\n' $line
                end
            end
        end
        complete -c hactl -f -a '(__hactl_complete)'

        """;
}
