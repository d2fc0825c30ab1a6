using System.Text;
using HaGrpc.Core.Events;

namespace HaGrpc.Functional.Tests.Reference;

/// <summary>docs/reference/events.md: every kind of events, with what it means.</summary>
internal static class EventReference
{
    private const string Head = """
        # Events

        Written from the source (`scripts/reference.sh`). Each line of the history has one of these kinds: `hactl events --kind KIND` shows those of a kind, and refuses a name that is none;
        shells complete it. `hactl why` takes what explains a move of a group: **group** stands for what is told of the group, **owner** for what is told of the host that owned
        it before, **return** for what that host says of itself when it is back.

        Agents and control planes of another version may write kinds that are not here. They are stored and shown as all others; by JSON they can be filtered for with `allowUnknownKinds`.

        """;

    public static string Text()
    {
        var text = new StringBuilder(Head);
        foreach (var chapter in EventKinds.Chapters)
        {
            text.Append("\n## ").Append(chapter.Title).Append("\n\n| kind | | in `hactl why` |\n|---|---|---|\n");
            foreach (var kind in chapter.Kinds)
                text.Append("| `").Append(kind.Name).Append("` | ").Append(kind.Meaning).Append(" | ").Append(Stories(kind.Story)).Append(" |\n");
        }
        return text.ToString();
    }

    private static string Stories(Story story) => string.Join(", ", new[] { (Story.OfGroup, "group"), (Story.OfOwner, "owner"), (Story.OfReturn, "return") }
        .Where(part => story.HasFlag(part.Item1)).Select(part => part.Item2));
}
