using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HaGrpc.Ctl.Tests.Commands;

namespace HaGrpc.Ctl.Tests.Completion;

/// <summary>
/// An interactive bash, zsh or fish on a terminal of its own, with the completion script that hactl writes. What it asks <c>hactl</c> is answered in this process, against
/// a control plane of the test.
/// </summary>
internal sealed class RealShell : IDisposable
{
    // zsh has terminals to give away; it types, and Ctrl-T has the shell write what the line has become.
    private const string Typist = """
        zmodload zsh/zpty zsh/zselect
        case $1 in
            bash) zpty it "bash --rcfile $HOME/start -i" ;;
            zsh) zpty it "ZDOTDIR=$HOME zsh -i" ;;
            fish) zpty it "fish --no-config -i -C 'source $HOME/start'" ;;
        esac
        see() { while zpty -r -t it seen; do print -rn -- "$seen" >>$HOME/screen; done }
        integer want=0
        await() {
            (( want++ ))
            integer patience=1200
            until (( $(wc -l <$HOME/taken) >= want )); do
                see
                (( patience-- )) || exit 1
                zselect -t 5
            done
        }
        await
        while IFS= read -r line; do
            zpty -w -n it "$line"$'\t\x14'
            await
        done <$HOME/lines
        see
        zpty -d it
        """;

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("hactl-shell-");
    private readonly TcpListener _asked = new(IPAddress.Loopback, 0);

    internal RealShell()
    {
        _asked.Start();
        Write("hactl", $"""
            #!/bin/bash
            exec 3<>/dev/tcp/127.0.0.1/{((IPEndPoint)_asked.LocalEndpoint).Port}
            printf '%s\0' "$#" "$@" >&3
            cat <&3
            """);
        File.SetUnixFileMode(InHome("hactl"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Write("taken", "");
        Write("screen", "");
        Write("typist", Typist);
    }

    /// <summary>True when the program is installed.</summary>
    internal static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Join(folder, program)));

    /// <summary>Types lines, each with a tabulator behind it.</summary>
    /// <returns>What became of each, and what stood on the terminal.</returns>
    internal async Task<(string[] Lines, string Screen)> TypeAsync(string shell, FakeControlPlane plane, params string[] lines)
    {
        Write("lines", string.Concat(lines.Select(line => line + "\n")));
        // The shell's own first words could come between: it says when it is ready.
        Write(shell == "zsh" ? ".zshrc" : "start", shell switch
        {
            "bash" => """
                PS1='> '
                source <(hactl completion bash)
                take() { printf '%s\n' "$READLINE_LINE" >>$HOME/taken; READLINE_LINE=; }
                bind -x '"\C-t": take'
                echo ready >>$HOME/taken
                """,
            "zsh" => """
                PS1='> '
                autoload -Uz compinit
                compinit -u -D
                source <(hactl completion zsh)
                take() { print -r -- "$BUFFER" >>$HOME/taken; BUFFER=; }
                zle -N take
                bindkey '^T' take
                print ready >>$HOME/taken
                """,
            _ => """
                hactl completion fish | source
                bind \ct 'commandline >>$HOME/taken; commandline ""'
                echo ready >>$HOME/taken
                """,
        });
        await RunAsync("zsh", plane, "-f", InHome("typist"), shell);
        return ([.. File.ReadLines(InHome("taken")).Skip(1)], await File.ReadAllTextAsync(InHome("screen")));
    }

    /// <summary>Runs a program in which hactl can be asked.</summary>
    /// <returns>Its standard output.</returns>
    internal async Task<string> RunAsync(string program, FakeControlPlane plane, params string[] arguments)
    {
        using var over = new CancellationTokenSource();
        var answering = AnswerAsync(plane, over.Token);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            WorkingDirectory = _home.FullName,
            Environment =
            {
                ["HOME"] = _home.FullName,
                ["PATH"] = $"{_home.FullName}:{Environment.GetEnvironmentVariable("PATH")}",
                ["TERM"] = "xterm",
                ["LC_ALL"] = "C.UTF-8",
                ["XDG_CONFIG_HOME"] = null,
                ["XDG_DATA_HOME"] = null,
            },
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(0, File.ReadAllText(InHome("screen")));
            return output;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await over.CancelAsync();
            await answering;
        }
    }

    internal void Write(string name, string text) => File.WriteAllText(InHome(name), text);

    public void Dispose()
    {
        _asked.Dispose();
        _home.Delete(recursive: true);
    }

    private string InHome(string name) => Path.Join(_home.FullName, name);

    private async Task AnswerAsync(FakeControlPlane plane, CancellationToken over)
    {
        try
        {
            while (true)
            {
                using var one = await _asked.AcceptTcpClientAsync(over);
                await using var stream = one.GetStream();
                var words = new List<string>();
                for (var count = int.Parse(await WordAsync(stream, over), System.Globalization.CultureInfo.InvariantCulture); count > 0; count--)
                    words.Add(await WordAsync(stream, over));
                var run = await plane.RunAsync([.. words]);
                await stream.WriteAsync(Encoding.UTF8.GetBytes(run.Out + run.Error), over);
            }
        }
        catch (OperationCanceledException)
        {
            // The shell has gone.
        }
    }

    private static async Task<string> WordAsync(NetworkStream stream, CancellationToken over)
    {
        var (word, one) = (new List<byte>(), new byte[1]);
        while (await stream.ReadAsync(one, over) == 1 && one[0] != 0)
            word.Add(one[0]);
        return Encoding.UTF8.GetString([.. word]);
    }
}
