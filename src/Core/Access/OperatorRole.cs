namespace HaGrpc.Core.Access;

/// <summary>What an operator may do; each role may do all that the ones before it may.</summary>
public enum OperatorRole
{
    /// <summary>Nothing is asked of the caller, not even to be known.</summary>
    None,

    /// <summary>Look.</summary>
    Viewer,

    /// <summary>Act on groups: start, stop, restart, switch over, drain, lock, rehearse.</summary>
    Operator,

    /// <summary>Everything else: register, fence, unlock everything, say who may do what.</summary>
    Admin,
}
