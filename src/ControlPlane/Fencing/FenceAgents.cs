using System.ComponentModel;
using System.Xml;
using System.Xml.Linq;
using HaGrpc.ControlPlane.Configuration;
using HaGrpc.Core.Model;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using Microsoft.Extensions.Options;

namespace HaGrpc.ControlPlane.Fencing;

/// <summary>
/// Runs fence agents by their convention: what is to be done as lines <c>name=value</c> on standard input, 0 for done; <c>status</c> says 0
/// for on and 2 for off. Only agents of the configured directory are run, and only passwords' scripts of the other.
/// </summary>
internal sealed class FenceAgents(IOptions<ControlPlaneOptions> options, TimeProvider time)
{
    private const int Kept = 4096;
    private const int KeptOfMetadata = 256 * 1024;
    private const int IsOn = 0, IsOff = 2;

    /// <summary>Why a device cannot be asked from here; empty when it can, as far as one can see.</summary>
    public string ProblemOf(FenceDevice device)
    {
        var path = PathOf(device);
        if (path.Length == 0 || !File.Exists(path))
            return $"there is no {device.Agent} in {options.Value.Fencing.Agents} (Fencing:Agents) on the control plane's host";
        foreach (var (name, script) in device.Options.Where(o => o.Key.EndsWith("_script", StringComparison.Ordinal)))
        {
            var folder = Path.TrimEndingDirectorySeparator(options.Value.Fencing.Scripts) + "/";
            if (!script.StartsWith(folder, StringComparison.Ordinal) || script.Contains("/../", StringComparison.Ordinal))
                return $"{name}: {script} is not in {folder} (Fencing:Scripts), and nothing else may be run for a password";
            if (!File.Exists(script))
                return $"{name}: there is no {script} on the control plane's host";
        }
        return "";
    }

    /// <summary>Switches a host off. Returns when that is confirmed, or is not within the device's timeout.</summary>
    /// <param name="host">The host's name, which agents know as nodename.</param>
    /// <param name="device">Its device.</param>
    /// <param name="ct">Kills the agent.</param>
    /// <returns>Empty: it was off. Else why that is not known, for the operator.</returns>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<string> SwitchOffAsync(string host, FenceDevice device, CancellationToken ct)
    {
        if (ProblemOf(device) is { Length: > 0 } problem)
            return problem;
        var until = new BootInstant(BootClock.Nanoseconds) + device.Timeout;
        try
        {
            var action = device.Action == FenceAction.Reboot ? "reboot" : "off";
            var done = await AskAsync(host, device, action, Kept, until, ct);
            if (done.ExitCode != 0)
                return Wrong(device, action, done);
            // Of a reboot exit code 0 says that it was off; by now it may be on again.
            if (device.Action == FenceAction.Reboot)
                return "";
            var metadata = await AskAsync(host, device, "metadata", KeptOfMetadata, until, ct);
            if (metadata.ExitCode == 0 && !NamesStatus(metadata.Output))
                return "";
            var status = await AskAsync(host, device, "status", Kept, until, ct);
            return status.ExitCode switch
            {
                IsOff => "",
                IsOn => $"{device.Agent} has said that it switched {host} off, and says now that it is on: do not believe it",
                _ => Wrong(device, "status", status),
            };
        }
        catch (Win32Exception e)
        {
            return $"{device.Agent} cannot be run: {e.Message}";
        }
    }

    private Task<ChildResult> AskAsync(string host, FenceDevice device, string action, int kept, BootInstant until, CancellationToken ct)
    {
        var left = until - new BootInstant(BootClock.Nanoseconds);
        var lines = device.Options.Select(o => $"{o.Key}={o.Value}\n");
        return SessionChild.RunAsync(
            PathOf(device),
            $"action={action}\nnodename={host}\n{string.Concat(lines)}",
            left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1),
            kept,
            time,
            ct);
    }

    // Whatever the database says: a name and no path.
    private string PathOf(FenceDevice device) =>
        device.Agent.StartsWith("fence_", StringComparison.Ordinal) && device.Agent == Path.GetFileName(device.Agent)
            ? Path.Combine(options.Value.Fencing.Agents, device.Agent)
            : "";

    /// <summary>One whose metadata cannot be read is asked for its status: it must answer then.</summary>
    private static bool NamesStatus(string metadata)
    {
        try
        {
            return XDocument.Parse(metadata).Descendants("action").Any(a => (string?)a.Attribute("name") is "status");
        }
        catch (XmlException)
        {
            return true;
        }
    }

    private static string Wrong(FenceDevice device, string action, ChildResult done)
    {
        var what = done.ExitCode is { } code
            ? $"{device.Agent} {action} ended with exit code {code}"
            : $"{device.Agent} {action} was not done within {DurationText.Format(device.Timeout)} and was killed";
        var said = done.Errors.Trim().Length > 0 ? done.Errors : done.Output;
        return said.Trim().Length > 0 ? $"{what}: {ForeignText.Visible(said.Trim(), Kept)}" : what;
    }
}
