namespace HaGrpc.Core.Vips;

/// <summary>What a VIP's script is called for: its first argument, in small letters.</summary>
public enum ScriptVerb
{
    /// <summary>Have the network send the address's packets to this host, whoever has them now. Also when it does so already.</summary>
    Claim,

    /// <summary>This host gives the address up; the next owner claims it in any case.</summary>
    Release,

    /// <summary>Exit code 0: the network sends the address's packets to this host.</summary>
    Check,
}
