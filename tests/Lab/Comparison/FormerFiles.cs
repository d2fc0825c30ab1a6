using System.Globalization;
using System.Text;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Comparison;

/// <summary>Writes what keepalived and supervisord are configured with on a host, from the files beside this one.</summary>
internal static class FormerFiles
{
    private static readonly string Files = Path.Combine(AppContext.BaseDirectory, "Comparison", "keepalived");

    /// <param name="host">The host.</param>
    /// <param name="configuration">usual.conf or tuned.conf.</param>
    /// <param name="priority">keepalived's.</param>
    /// <param name="labProgram">The program of the set.</param>
    public static async Task Write(LabHost host, string configuration, int priority, string labProgram)
    {
        foreach (var script in new[] { "notify.sh", "check-http.sh" })
        {
            var path = Path.Combine(host.Directory, script);
            File.Copy(Path.Combine(Files, script), path, overwrite: true);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        var keepalived = await File.ReadAllTextAsync(Path.Combine(Files, configuration));
        await File.WriteAllTextAsync(Path.Combine(host.Directory, "keepalived.conf"),
            keepalived.Replace("@priority@", priority.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        var supervisord = new StringBuilder(await File.ReadAllTextAsync(Path.Combine(Files, "supervisord.conf")));
        supervisord.AppendLine(CultureInfo.InvariantCulture, $"\n[group:{Manifest.Group}]\nprograms = {string.Join(',', Manifest.Programs)}");
        foreach (var (program, index) in Manifest.Programs.Select((p, i) => (p, i)))
        {
            supervisord.AppendLine(CultureInfo.InvariantCulture, $"""

                [program:{program}]
                command = {labProgram} {program} --dir {LabHost.Local}/data
                priority = {100 * (index + 1)}
                autostart = false
                autorestart = true
                startsecs = 0
                stopasgroup = true
                killasgroup = true
                redirect_stderr = true
                stdout_logfile = {LabHost.Local}/{program}.log
                """);
        }
        await File.WriteAllTextAsync(Path.Combine(host.Directory, "supervisord.conf"), supervisord.ToString());
        File.Delete(Path.Combine(host.Directory, "supervisor.sock"));
    }
}
