namespace HaGrpc.Core.Model.Validation;

/// <summary>A group by itself, with everything inside it.</summary>
internal static class GroupRules
{
    internal static void Check(Group group, string path, ICollection<FieldError> errors)
    {
        NameRules.Check(group.Name, $"{path}.name", "group", errors);
        MemberRules.Check(group.Members, $"{path}.members", errors);
        for (var i = 0; i < group.Vips.Length; i++)
            VipRules.Check(group.Vips[i], $"{path}.vips[{i}]", errors);
        for (var i = 0; i < group.Routes.Length; i++)
            RouteRules.Check(group.Routes[i], $"{path}.routes[{i}]", errors);
        RouteRules.CheckDistinct(group.Routes, $"{path}.routes", errors);
        TimingRules.Check(group.Timing, $"{path}.timing", errors);
        AnnouncementRules.Check(group.AnnounceInterval, $"{path}.announce_interval", errors);
        AnnouncementRules.Check(group.DuplicateProbeInterval, $"{path}.duplicate_probe_interval", errors);
        FailbackRules.Check(group.Failback, $"{path}.failback", errors);
        if (group.SyncGroup.Length > 0)
            NameRules.Check(group.SyncGroup, $"{path}.sync_group", "sync group", errors);
        FlapBudgetRules.Check(group.FlapBudget, $"{path}.flap_budget", errors);
        HookRules.Check(group.Hooks, $"{path}.hooks", errors);
        HostCheckRules.Check(group.Checks, $"{path}.checks", errors);
        DirectoryRules.Check(group.Directories, $"{path}.directories", errors);
    }
}
