using System.Globalization;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>A network namespace with nothing but its loopback, where an agent may clean up what it likes. It lives as long as
/// its holder, which ends with its standard input.</summary>
internal sealed class LoopbackSpace : IAsyncDisposable
{
    private static readonly bool IsRoot = Environment.UserName == "root";

    private readonly RunningProcess _holder;

    private LoopbackSpace(RunningProcess holder) => _holder = holder;

    /// <summary>What stands before a command that runs in it.</summary>
    public string[] Enter =>
    [
        "nsenter", "-t", _holder.Pid.ToString(CultureInfo.InvariantCulture), "-n",
        .. IsRoot ? Array.Empty<string>() : ["-U", "--preserve-credentials"], "--",
    ];

    public static async Task<LoopbackSpace> CreateAsync()
    {
        var holder = RunningProcess.StartCommand(
            null, [], "unshare", [.. IsRoot ? Array.Empty<string>() : ["-Ur"], "-n", "sh", "-c", "ip link set lo up && echo ready && exec cat"]);
        await holder.LineAsync("ready");
        return new(holder);
    }

    public ValueTask DisposeAsync() => _holder.DisposeAsync();
}
