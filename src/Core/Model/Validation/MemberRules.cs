using System.Collections.Immutable;
using System.Globalization;

namespace HaGrpc.Core.Model.Validation;

/// <summary>The members of one group.</summary>
internal static class MemberRules
{
    internal static void Check(ImmutableArray<Member> members, string path, ICollection<FieldError> errors)
    {
        if (members.IsEmpty)
            errors.Add(new(path, "", "a group needs at least one member: {host: NAME, priority: 1 to 255}"));
        for (var i = 0; i < members.Length; i++)
        {
            var member = members[i];
            NameRules.Check(member.Host, $"{path}[{i}].host", "host", errors);
            var priority = member.Priority.ToString(CultureInfo.InvariantCulture);
            if (member.Priority is < 1 or > 255)
                errors.Add(new($"{path}[{i}].priority", priority, "a member's priority is 1 to 255"));
            var earlier = members.AsSpan(0, i);
            foreach (var other in earlier)
            {
                if (other.Host == member.Host && member.Host.Length > 0)
                    errors.Add(new($"{path}[{i}].host", member.Host, "this host is a member already"));
                else if (other.Priority == member.Priority)
                    errors.Add(new($"{path}[{i}].priority", priority,
                        $"the priorities of a group's members differ; {other.Host} has this one already"));
            }
        }
    }
}
