using System.Collections.Immutable;
using System.Globalization;

namespace HaGrpc.Core.Model.Validation;

/// <summary>The hooks of one group.</summary>
internal static class HookRules
{
    private const int Most = 32;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    internal static void Check(ImmutableArray<Hook> hooks, string path, ICollection<FieldError> errors)
    {
        if (hooks.Length > Most)
            errors.Add(new(path, hooks.Length.ToString(CultureInfo.InvariantCulture), $"a group has at most {Most} hooks"));
        for (var i = 0; i < hooks.Length; i++)
        {
            Check(hooks[i], $"{path}[{i}]", errors);
            for (var other = 0; other < i; other++)
            {
                if (hooks[i].Name.Length == 0 || hooks[other].Name != hooks[i].Name)
                    continue;
                errors.Add(new($"{path}[{i}].name", hooks[i].Name, $"duplicate name: hooks[{other}] of this group is called so too"));
                break;
            }
        }
    }

    private static void Check(Hook hook, string path, ICollection<FieldError> errors)
    {
        NameRules.Check(hook.Name, $"{path}.name", "hook", errors);
        if (hook.Events.IsEmpty)
            errors.Add(new($"{path}.events", "", "a hook needs an event: promote, demote, fault or stop, or a list of them"));
        foreach (var twice in hook.Events.GroupBy(e => e).Where(g => g.Count() > 1))
            errors.Add(new($"{path}.events", WordOf(twice.Key), "this event is named twice"));
        CheckPhase(hook, path, errors);
        CheckCommand(hook.Command, $"{path}.command", errors);
        var longest = hook.Phase == HookPhase.Before && hook.Events.Contains(HookEvent.Promote) ? LongestWait : Longest;
        if (hook.Timeout < Shortest || hook.Timeout > longest)
        {
            var why = longest == LongestWait ? "; the programs wait for a hook before a promotion" : "";
            errors.Add(new($"{path}.timeout", DurationText.Format(hook.Timeout),
                $"must be {DurationText.Format(Shortest)} to {DurationText.Format(longest)}{why}"));
        }
        if (hook.User.Length > 0 && ExecutionRules.UserProblem(hook.User) is { } user)
            errors.Add(new($"{path}.user", hook.User, user));
    }

    private static void CheckPhase(Hook hook, string path, ICollection<FieldError> errors)
    {
        if (hook.Phase != HookPhase.Before)
            return;
        if (hook.Style != HookStyle.Plain)
            errors.Add(new($"{path}.phase", "before", "keepalived's styles have no before: a state is told when it is reached"));
        foreach (var word in hook.Events.Distinct().Where(e => e is HookEvent.Fault or HookEvent.Stop).Select(WordOf))
            errors.Add(new($"{path}.phase", "before", $"there is no before for {word}: it runs when that has happened"));
    }

    /// <summary>A command that no shell reads: of a hook, or of a check.</summary>
    internal static void CheckCommand(ImmutableArray<string> command, string path, ICollection<FieldError> errors)
    {
        if (command.IsEmpty || command[0].Length == 0)
        {
            errors.Add(new(path, "", "the command is missing, for example [/usr/local/sbin/tell, --loud]"));
            return;
        }
        if (!command[0].StartsWith('/'))
            errors.Add(new(path, command[0], "must begin with an absolute path: nothing is searched for, and no shell reads it"));
        foreach (var word in command)
        {
            if (TextRules.LinesProblem(word) is { } wrong)
                errors.Add(new(path, word, wrong));
        }
    }

    private static string WordOf(HookEvent of) => of switch
    {
        HookEvent.Promote => "promote",
        HookEvent.Demote => "demote",
        HookEvent.Fault => "fault",
        _ => "stop",
    };
}
