namespace HaGrpc.Core.Model;

/// <summary>Who runs a group or a program.</summary>
public enum SupervisionMode
{
    /// <summary>We do.</summary>
    Manage,

    /// <summary>Somebody else does: it is watched, and nothing is done about it (docs/reference/adoption.md).</summary>
    Observe,
}
