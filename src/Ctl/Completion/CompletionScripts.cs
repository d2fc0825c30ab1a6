namespace HaGrpc.Ctl.Completion;

/// <summary>What shells need to complete hactl's words: each asks <c>hactl complete -- WORDS…</c>, which knows everything else.</summary>
internal static class CompletionScripts
{
    /// <summary>Reads words by itself, without bash-completion: bash cuts at colons, which stand in the middle of our names.</summary>
    internal const string Bash = """
        # bash completion of hactl: source <(hactl completion bash), or into /etc/bash_completion.d/hactl
        _hactl() {
            local line=${COMP_LINE:0:COMP_POINT} prefix='' word
            local -a words
            read -ra words <<< "$line"
            [[ $line == *[[:space:]] ]] && words+=('')
            local current=${words[${#words[@]}-1]}
            # What stands before the last colon is a word of its own to bash.
            [[ $current == *:* && $COMP_WORDBREAKS == *:* ]] && prefix=${current%"${current##*:}"}
            COMPREPLY=()
            while IFS= read -r word; do
                COMPREPLY+=("${word#"$prefix"}")
            done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
        }
        complete -o bashdefault -o default -F _hactl hactl

        """;

    internal const string Zsh = """
        #compdef hactl
        # zsh completion of hactl: source <(hactl completion zsh), or as _hactl into a folder of $fpath
        _hactl() {
            local -a found
            found=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            found=("${(@)found:#}")
            if (( ${#found} )); then
                compadd -- "${found[@]}"
            else
                _files
            fi
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
            $words[1] complete -- $words[2..-1] "$current" 2>/dev/null
        end
        complete -c hactl -f -a '(__hactl_complete)'
        complete -c hactl -s f -l file -r -F

        """;
}
