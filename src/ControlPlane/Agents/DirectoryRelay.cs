using HaGrpc.ControlPlane.Leader;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>Hands what an owner has in its group's directories to the other members. Nothing of it is kept here: the owner says it again.</summary>
internal static class DirectoryRelay
{
    /// <summary>Several times what agents send, in bytes; more would only keep others' heartbeats waiting.</summary>
    public const int LargestMessage = 256 << 10;

    /// <summary>Hands it on, if it is the owner who says so.</summary>
    public static Task HandOnAsync(Tenure tenure, string host, OwnersDirectories said)
    {
        var group = tenure.Registry.Current.Groups.Select(g => g.Spec).FirstOrDefault(g => g.Name == said.Group);
        if (group is null || said.CalculateSize() > LargestMessage)
            return Task.CompletedTask;
        said.Host = host;
        return tenure.Loop.RunAsync(() =>
        {
            if (tenure.Loop.ReportGroup(group.Name)?.Owner != host)
                return;
            foreach (var member in group.Members.Where(m => m.Host != host))
            {
                if (tenure.Agents.Of(member.Host) is { ComparesDirectories: true } other)
                    other.Tell(new() { OwnersDirectories = said });
            }
        });
    }
}
