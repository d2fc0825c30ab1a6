using HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>An ApplyRequest as a model.</summary>
public static class ApplyRequestMapping
{
    private const string Kinds = "1 (http), 2 (tcp), 3 (exec), 4 (grpc) or 5 (notify)";

    /// <summary>
    /// Hosts, groups and programs of a request in their order, so that positions in error paths agree. An enum value
    /// that this version does not know is reported in <paramref name="errors"/> and replaced by the default, so that
    /// everything else can still be validated: the caller must not apply a request that has errors.
    /// </summary>
    public static ModelSet ToModel(this V1.ApplyRequest request, ICollection<FieldError> errors) => new(
        [.. request.Hosts.Select((host, index) => Known(host, $"hosts[{index}]", errors).ToModel())],
        [.. request.Groups.Select((group, index) => Known(group, $"groups[{index}]", errors).ToModel())],
        [.. request.Programs.Select((program, index) => Known(program, $"programs[{index}]", errors).ToModel())]);

    private static V1.Host Known(V1.Host host, string path, ICollection<FieldError> errors)
    {
        if (host.Fence is not { } fence || Enum.IsDefined(fence.Action))
            return host;
        errors.Add(Unknown($"{path}.fence.action", (int)fence.Action, "1 (off) or 2 (reboot)"));
        var known = host.Clone();
        known.Fence.Action = V1.FenceAction.Unspecified;
        return known;
    }

    private static V1.Group Known(V1.Group group, string path, ICollection<FieldError> errors)
    {
        var known = group.Clone();
        if (group.Failback is not null && !Enum.IsDefined(group.Failback.Mode))
        {
            errors.Add(Unknown($"{path}.failback.mode", (int)group.Failback.Mode, "1 (manual) or 2 (automatic)"));
            known.Failback.Mode = V1.FailbackMode.Unspecified;
        }
        if (!Enum.IsDefined(group.Fencing))
        {
            errors.Add(Unknown($"{path}.fencing", (int)group.Fencing, "1 (off) or 2 (required)"));
            known.Fencing = V1.Fencing.Unspecified;
        }
        if (!Enum.IsDefined(group.Mode))
            errors.Add(Unknown($"{path}.mode", (int)group.Mode, "1 (manage) or 2 (observe)"));
        for (var i = 0; i < known.Hooks.Count; i++)
            MakeKnown(known.Hooks[i], $"{path}.hooks[{i}]", errors);
        return known;
    }

    private static void MakeKnown(V1.Hook hook, string path, ICollection<FieldError> errors)
    {
        for (var i = 0; i < hook.Events.Count; i++)
        {
            if (Enum.IsDefined(hook.Events[i]) && hook.Events[i] != V1.HookEvent.Unspecified)
                continue;
            errors.Add(Unknown($"{path}.events[{i}]", (int)hook.Events[i], "1 (promote), 2 (demote), 3 (fault) or 4 (stop)"));
            hook.Events[i] = V1.HookEvent.Promote;
        }
        if (!Enum.IsDefined(hook.Phase))
        {
            errors.Add(Unknown($"{path}.phase", (int)hook.Phase, "1 (before) or 2 (after)"));
            hook.Phase = V1.HookPhase.Unspecified;
        }
        if (!Enum.IsDefined(hook.Style))
        {
            errors.Add(Unknown($"{path}.style", (int)hook.Style, "1 (plain), 2 (keepalived) or 3 (keepalived_state)"));
            hook.Style = V1.HookStyle.Unspecified;
        }
    }

    private static V1.Program Known(V1.Program program, string path, ICollection<FieldError> errors)
    {
        var known = program.Clone();
        if (!Enum.IsDefined(program.DesiredState))
        {
            errors.Add(Unknown($"{path}.desired_state", (int)program.DesiredState, "1 (running) or 2 (stopped)"));
            known.DesiredState = V1.DesiredState.Unspecified;
        }
        if (!Enum.IsDefined(program.Restart))
        {
            errors.Add(Unknown($"{path}.restart", (int)program.Restart, "1 (always), 2 (unexpected) or 3 (never)"));
            known.Restart = V1.RestartPolicy.Unspecified;
        }
        if (!Enum.IsDefined(program.FatalAction))
        {
            errors.Add(Unknown($"{path}.fatal_action", (int)program.FatalAction, "1 (stay) or 2 (restart_group)"));
            known.FatalAction = V1.FatalAction.Unspecified;
        }
        if (!Enum.IsDefined(program.Mode))
            errors.Add(Unknown($"{path}.mode", (int)program.Mode, "1 (manage) or 2 (observe)"));
        if (!IsKnown(program.Readiness))
        {
            errors.Add(Unknown($"{path}.readiness.kind", (int)program.Readiness.Kind, Kinds));
            known.Readiness = null;
        }
        if (!IsKnown(program.Liveness))
        {
            errors.Add(Unknown($"{path}.liveness.kind", (int)program.Liveness.Kind, Kinds));
            known.Liveness = null;
        }
        return known;
    }

    private static bool IsKnown(V1.Check? check) =>
        check is null || (Enum.IsDefined(check.Kind) && check.Kind != V1.CheckKind.Unspecified);

    private static FieldError Unknown(string path, int value, string right) =>
        new(path, value.ToString(System.Globalization.CultureInfo.InvariantCulture),
            $"this control plane does not know the value; it knows {right}");
}
