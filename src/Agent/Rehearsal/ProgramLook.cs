using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Rehearsal;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Files;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Sockets;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Rehearsal;

/// <summary>Looks at what this host has for programs, as they would be started.</summary>
/// <param name="host">This host's name.</param>
/// <param name="ask">For everything that may hang.</param>
internal sealed class ProgramLook(string host, PatientAsk ask)
{
    private const string None = "NONE";

    /// <summary>The facts of one program.</summary>
    /// <param name="configured">The program as configured.</param>
    /// <param name="listening">Sockets that listen on this host; null while the program runs here and has its ports itself.</param>
    public async Task<ProgramFacts> AtAsync(ConfiguredProgram configured, IReadOnlyList<ListeningSocket>? listening)
    {
        var facts = new ProgramFacts(configured.Name);
        if (HostExpansion.Of(configured, host, out var problem) is not { } program)
            return facts with { Problem = problem };
        if (!CommandLine.TrySplit(program.Command, out var words, out var syntax))
            return facts with { Problem = $"can't parse command '{program.Command}': {syntax}" };
        var (state, user) = await UserAsync(program.User);
        return facts with
        {
            User = program.User,
            UserState = state,
            Command = await CommandAsync(words[0], program.Directory, user, program.Environment.GetValueOrDefault("PATH")),
            Directory = program.Directory.Length == 0 ? null : await FolderAsync(program.Directory, AccessCheck.Execute, user),
            Logs = await LogsAsync(program),
            Ports = listening is null ? [] : [.. ProgramPorts.Of(program, host).Select(port => port with { Listeners = Listeners(port.Port, listening) })],
        };
    }

    /// <summary>A script of a VIP, which the agent runs as itself.</summary>
    public Task<PathFact> ScriptAsync(string path) => CommandAsync(path, "", null, null);

    private async Task<(UserState State, UserAccount? Account)> UserAsync(string user)
    {
        if (user.Length == 0)
            return (UserState.Known, null);
        var (answered, account) = await ask.AskAsync($"user {user}", () => (true, UserAccount.Find(user)), (false, null));
        return (!answered ? UserState.Silent : account is null ? UserState.Unknown : UserState.Known, account);
    }

    private Task<PathFact> CommandAsync(string word, string directory, UserAccount? user, string? path) => ask.AskAsync(
        $"command {word} {directory} {user?.Uid} {path}",
        () =>
        {
            var found = CommandSearch.For(word, directory, path);
            return new PathFact(found.Path, found.Kind switch
            {
                Found.Nothing => PathState.Missing,
                Found.Directory => PathState.WrongKind,
                Found.NotExecutable => PathState.NotExecutable,
                _ => StateOf(AccessCheck.Of(found.Path, AccessCheck.Execute, user)),
            });
        },
        new PathFact(word, PathState.Silent));

    private async Task<ImmutableArray<FolderFact>> LogsAsync(ConfiguredProgram program)
    {
        string[] files = program.RedirectStderr ? [program.StdoutLogfile] : [program.StdoutLogfile, program.StderrLogfile];
        var folders = files.Where(f => f.Length > 0 && f != None && !f.StartsWith("/dev/", StringComparison.Ordinal))
            .Select(f => Path.GetDirectoryName(f)!).Distinct(StringComparer.Ordinal);
        var facts = ImmutableArray.CreateBuilder<FolderFact>();
        // The shim writes them, not the program (docs/adr/0012).
        foreach (var folder in folders)
            facts.Add(await FolderAsync(folder, AccessCheck.Execute | AccessCheck.Write, null));
        return facts.ToImmutable();
    }

    private Task<FolderFact> FolderAsync(string path, int mode, UserAccount? user) => ask.AskAsync(
        string.Create(CultureInfo.InvariantCulture, $"folder {path} {mode} {user?.Uid}"),
        () =>
        {
            var state = Directory.Exists(path) ? StateOf(AccessCheck.Of(path, mode, user)) : File.Exists(path) ? PathState.WrongKind
                : StateOf(AccessCheck.Of(path, 0, null));
            // One that takes no writes is never full.
            var space = state == PathState.Fine && FileSystemSpace.Of(path) is { IsReadOnly: false, TotalBytes: > 0 } s
                ? new Space(s.FreeBytes, s.TotalBytes, s.FreeFiles, s.TotalFiles)
                : null;
            return new FolderFact(new(path, state), space);
        },
        new FolderFact(new(path, PathState.Silent), null));

    private static ImmutableArray<Listener> Listeners(int port, IReadOnlyList<ListeningSocket> listening)
    {
        var sockets = listening.Where(l => l.Port == port).ToArray();
        var owners = ListeningSocket.OwnersOf(sockets.Select(s => s.Inode).ToHashSet());
        return [.. sockets.Select(s => owners.TryGetValue(s.Inode, out var owner)
            ? new Listener(s.Address, owner.Pid, owner.Name)
            : new Listener(s.Address, 0, ""))];
    }

    private static PathState StateOf(int error) => error switch
    {
        0 => PathState.Fine,
        Libc.ENOENT or Libc.ENOTDIR => PathState.Missing,
        Libc.EROFS => PathState.ReadOnly,
        _ => PathState.Denied,
    };
}
