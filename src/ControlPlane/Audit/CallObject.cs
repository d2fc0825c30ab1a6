using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Audit;

/// <summary>What a call is about.</summary>
internal enum CallObjectKind
{
    /// <summary>Everything that is registered now and may be later.</summary>
    Everything,

    /// <summary>Every group that is registered now.</summary>
    All,

    /// <summary>A host: its name.</summary>
    Host,

    /// <summary>A group: its name.</summary>
    Group,

    /// <summary>A program: its group and name.</summary>
    Program,

    /// <summary>An operator's account: its name.</summary>
    Operator,

    /// <summary>A request for approval: its number.</summary>
    Approval,
}

/// <summary>What a call is about, as its request says; nobody has looked whether it is registered.</summary>
/// <param name="Kind">Of what kind it is.</param>
/// <param name="Name">Its name; empty where the kind has none.</param>
internal readonly record struct CallObject(CallObjectKind Kind, string Name = "")
{
    /// <summary>Every group, also those that come later.</summary>
    public static CallObject Everything { get; } = new(CallObjectKind.Everything);

    /// <summary>A host.</summary>
    public static CallObject Host(string name) => new(CallObjectKind.Host, name);

    /// <summary>A group.</summary>
    public static CallObject Group(string name) => new(CallObjectKind.Group, name);

    /// <summary>An operator's account.</summary>
    public static CallObject Operator(string name) => new(CallObjectKind.Operator, name);

    /// <summary>What operators write to name programs: <c>all</c>, <c>GROUP</c>, <c>GROUP:*</c> or <c>GROUP:NAME</c>.</summary>
    public static CallObject Selected(string selector)
    {
        if (selector == "all")
            return new(CallObjectKind.All);
        var colon = selector.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || selector[(colon + 1)..] is "*" or ""
            ? Group(colon < 0 ? selector : selector[..colon])
            : new(CallObjectKind.Program, selector);
    }

    /// <summary>What a lock is about.</summary>
    public static CallObject Locked(LockTarget? target) => target?.Scope switch
    {
        LockScope.Group => Group(target.Name),
        LockScope.Host => Host(target.Name),
        _ => Everything,
    };

    /// <summary>The group that it is or belongs to; empty for none.</summary>
    public string GroupName => Kind switch
    {
        CallObjectKind.Group => Name,
        CallObjectKind.Program => Name[..Name.IndexOf(':', StringComparison.Ordinal)],
        _ => "",
    };

    /// <summary><c>group/web</c>, <c>program/web:http</c>, <c>host/a</c>, <c>operator/eve</c>, <c>all</c> or <c>everything</c>.</summary>
    public override string ToString()
    {
        var kind = Kind.ToString().ToLowerInvariant();
        return Name.Length == 0 ? kind : $"{kind}/{Name}";
    }
}
