using System.Collections.Immutable;

namespace HaGrpc.Core.Model;

/// <summary>What a fence device is asked to do.</summary>
public enum FenceAction
{
    /// <summary>Off, and it stays off until somebody switches it on.</summary>
    Off,

    /// <summary>Off and on again.</summary>
    Reboot,
}

/// <summary>Whether a group may be taken from a lost owner whose host may still be on.</summary>
public enum Fencing
{
    /// <summary>Yes: its lease is over, and the host ends its acts by itself.</summary>
    Off,

    /// <summary>No: its host must be confirmed off first (rule C10).</summary>
    Required,
}

/// <summary>How a host is switched off from outside, by the convention of fence agents.</summary>
/// <param name="Agent">Name of the program, which begins with <c>fence_</c>; looked up in the control plane's directory of fence agents.</param>
/// <param name="Action">What it is asked to do.</param>
/// <param name="Timeout">How long it may take before its process tree is killed; 1 s to 10 min.</param>
/// <param name="Options">What it is told of the device, by name; no secret is among them.</param>
public sealed record FenceDevice(string Agent, FenceAction Action, TimeSpan Timeout, ImmutableSortedDictionary<string, string> Options)
{
    /// <summary>A minute: a management board may take half of it.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(1);

    /// <summary>True for the same agent with the same action, timeout and options.</summary>
    /// <param name="other">Another device, or null.</param>
    public bool Equals(FenceDevice? other) => other is not null && Agent == other.Agent && Action == other.Action && Timeout == other.Timeout
        && Options.SequenceEqual(other.Options);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Agent, Action, Timeout, Options.Count);
}
