using HaGrpc.Agent.Programs;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Hooks;

/// <summary>Ends what an earlier agent left of hooks, or of checks of the host: nobody would wait for them, nor keep their order.</summary>
internal static class HookSweep
{
    /// <summary>Begins to end them. To be called on the thread that runs them, before the first one runs.</summary>
    /// <param name="thread">That thread.</param>
    /// <param name="root">The folder of their groups' folders.</param>
    /// <param name="boot">The running boot.</param>
    /// <param name="found">Called with the group, the epoch and the name of each hook that was still under way.</param>
    public static void Run(EventThread thread, string root, Guid boot, Action<string, long, string> found)
    {
        if (!Directory.Exists(root))
            return;
        foreach (var folder in Directory.GetDirectories(root).SelectMany(Directory.GetDirectories))
        {
            var directory = new ShimDirectory(folder);
            if (directory.ReadSpec() is { } spec && spec["boot"] == boot.ToString() && directory.ReadRecord("exit") is null)
            {
                found(spec["hookgroup"] ?? "", spec.Number("hookepoch"), spec["hook"] ?? "");
                End(thread, directory, spec);
            }
            else
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static void End(EventThread thread, ShimDirectory directory, ShimSpec spec)
    {
        var shim = ShimProcess.TryAttach(thread, directory, spec);
        var program = directory.ReadRecord("state")?.Program ?? ProcessIdentity.None;
        var end = new TreeEnd(thread, shim, spec, program, Forget);
        if (shim is null)
            return;
        shim.Reported = record =>
        {
            if (!record.IsOver)
                return;
            end.Cancel();
            Forget();
        };
        shim.Watch();

        void Forget()
        {
            if (Directory.Exists(directory.Path))
                Directory.Delete(directory.Path, recursive: true);
        }
    }
}
