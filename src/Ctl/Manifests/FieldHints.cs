using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests;

/// <summary>What somebody who wrote an unknown field probably wanted.</summary>
internal static class FieldHints
{
    /// <summary>Names that people bring from Supervisor and keepalived.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new(StringComparer.Ordinal)
    {
        ["autorestart"] = "it is called restart here: always, unexpected or never",
        ["startsecs"] = "it is called start_time here, with a unit: 5s",
        ["startretries"] = "it is called start_retries here",
        ["exitcodes"] = "it is called exit_codes here: a list",
        ["stopsignal"] = "it is called stop_signal here",
        ["stopwaitsecs"] = "it is called stop_timeout here, with a unit: 10s",
        ["stopasgroup"] = "it is called stop_as_group here",
        ["killasgroup"] = "the whole process tree is always killed",
        ["group"] = "a program inside a group belongs to that group",
        ["virtual_ipaddress"] = "it is called vips here",
        ["virtual_routes"] = "it is called routes here",
        ["notify"] = "it is one of hooks here, with style: keepalived",
        ["notify_master"] = "it is one of hooks here, with events: promote and style: keepalived_state",
        ["notify_backup"] = "it is one of hooks here, with events: demote and style: keepalived_state",
        ["notify_fault"] = "it is one of hooks here, with events: fault and style: keepalived_state",
        ["notify_stop"] = "it is one of hooks here, with events: stop and style: keepalived_state",
        ["track_script"] = "it is called checks here: exec, and weight where it is to count",
        ["track_interface"] = "it is called checks here: link, and weight where it is to count",
        ["vrrp_script"] = "it is one of a group's checks here, with exec",
        ["nopreempt"] = "it is called failback here: manual",
        ["preempt_delay"] = "it is the delay of failback here: {mode: automatic, delay: 5m}",
        ["vrrp_sync_group"] = "it is called sync_group here, in each of its groups",
        ["advert_int"] = "it is called timing here: default, fast or calm",
    };

    /// <summary>The end of a message about an unknown field.</summary>
    internal static string Hint(string field, IEnumerable<string> known)
    {
        // An exact name from elsewhere says more than a similar one from here.
        if (Elsewhere.TryGetValue(field, out var hint))
            return hint;
        if (ResourceNames.Units.ContainsKey(field))
            return "it belongs into limits.rlimits";
        var names = known.Order(StringComparer.Ordinal).ToArray();
        return NearestName.Of(field, names) is { } near ? $"did you mean {near}?" : $"known here: {string.Join(", ", names)}";
    }
}
