using HaGrpc.Contracts;
using HaGrpc.Core.Supervision;
using HaGrpc.V1;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests;

/// <summary>An item of a group's <c>hooks</c>.</summary>
internal static class HookSection
{
    internal static Hook Read(MapReader map)
    {
        var hook = new Hook
        {
            Name = map.Text("name") ?? "",
            Phase = map.Choice("phase", ("before", HookPhase.Before), ("after", HookPhase.After)) ?? HookPhase.After,
            Timeout = (map.Duration("timeout") ?? Model.Hook.DefaultTimeout).ToProto(),
            User = map.Text("user") ?? "",
            Style = map.Choice(
                "style",
                ("plain", HookStyle.Plain),
                ("keepalived", HookStyle.Keepalived),
                ("keepalived_state", HookStyle.KeepalivedState)) ?? HookStyle.Plain,
        };
        hook.Events.AddRange(map.Choices(
            "events",
            ("promote", HookEvent.Promote),
            ("demote", HookEvent.Demote),
            ("fault", HookEvent.Fault),
            ("stop", HookEvent.Stop)));
        // A wrong word was told; nobody need be told as well that there is none.
        if (hook.Events.Count == 0 && map.Node("events") is YamlScalar or YamlMap or YamlList { Items.Count: > 0 })
            hook.Events.Add(HookEvent.Promote);
        hook.Command.AddRange(CommandOf(map, "command"));
        map.RefuseOthers();
        return hook;
    }

    /// <summary>A list is what is executed; a text is split as a program's command is.</summary>
    internal static IReadOnlyList<string> CommandOf(MapReader map, string field)
    {
        if (map.Node(field) is null or YamlList)
            return map.TextList(field);
        if (map.Text(field) is not { } text)
            return [];
        if (CommandLine.TrySplit(text, out var words, out var error))
            return words;
        map.Wrong(field, map.Node(field)!, error);
        return ["/"];
    }
}
