using System.Globalization;
using HaGrpc.Core.Access;
using HaGrpc.Core.Model;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>What a lock is about.</summary>
internal enum LockScope
{
    /// <summary>Every group, also one that is registered later.</summary>
    Everything,

    /// <summary>Every group that the host is a member of: nothing moves to it or away.</summary>
    Host,

    /// <summary>One group.</summary>
    Group,
}

/// <summary>What somebody locks.</summary>
/// <param name="Scope">Of what kind it is.</param>
/// <param name="Name">The host or group; empty for everything.</param>
internal readonly record struct LockTarget(LockScope Scope, string Name)
{
    /// <summary>Whether a lock of this keeps the group where it is.</summary>
    public bool Covers(Group group)
    {
        var name = Name;
        return Scope switch
        {
            LockScope.Group => group.Name == name,
            LockScope.Host => group.Members.Any(m => m.Host == name),
            _ => true,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Scope switch
    {
        LockScope.Group => $"group {Name}",
        LockScope.Host => $"host {Name}",
        _ => "everything",
    };
}

/// <summary>Somebody keeps groups from moving by themselves (rule C2).</summary>
/// <param name="Target">What is locked.</param>
/// <param name="By">Who did it, and may undo it.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why, in the operator's words; may be empty.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never. By the leader's wall clock.</param>
internal sealed record OperatorLock(LockTarget Target, string By, DateTimeOffset At, string Reason, DateTimeOffset? ExpiresAt)
{
    /// <summary>Who locks a group that has moved too often by itself; anybody may unlock it.</summary>
    public const string FlapBudget = "its flap budget";

    /// <summary>Whether it is somebody's to undo.</summary>
    public bool MayUndo(string actor) => By == actor || By == FlapBudget;

    /// <summary>Whether it is still in force.</summary>
    public bool IsInForce(DateTimeOffset now) => ExpiresAt is not { } end || now < end;

    /// <summary>Who has locked a group, and why, for people.</summary>
    public string Describe()
    {
        var what = Target.Scope == LockScope.Group ? "the group" : Target.ToString();
        var until = ExpiresAt is { } end ? string.Create(CultureInfo.InvariantCulture, $" until {end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC") : "";
        return $"{what} is locked by {ActorName.Shown(By)}{until}{(Reason.Length > 0 ? $": {Reason}" : "")}";
    }
}
