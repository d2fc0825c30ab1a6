namespace HaGrpc.Lab.World;

/// <summary>
/// What the lab's switch does with frames besides forwarding them: tables of nft's bridge family, each with a name of its own, so that
/// any of them can come and go without the others.
/// </summary>
internal static class SwitchRules
{
    /// <summary>Rules for all frames that pass the switch, and for those from and to the lab itself, whose end is the switch.</summary>
    public static Task Add(string table, params string[] rules)
    {
        var body = string.Join("; ", rules);
        return Command.Run(
            $"table bridge {table} {{ {Chain("forward")} {Chain("input")} {Chain("output")} }}",
            ["nft", "-f", "-"]);

        string Chain(string hook) => $"chain {hook} {{ type filter hook {hook} priority 0; {body}; }};";
    }

    public static Task Remove(string table) => Command.Run("nft", "delete", "table", "bridge", table);
}
