using Model = HaGrpc.Core.Rehearsal.Trees;

namespace HaGrpc.Contracts;

/// <summary>What the owner of a group has in a directory, on the wire and in the model.</summary>
public static class TreeMapping
{
    /// <summary>The message of a look.</summary>
    public static V1.TreeLook ToProto(this Model.TreeLook look)
    {
        var proto = new V1.TreeLook { Path = look.Path, LookedAt = look.LookedAt, Problem = look.Problem, Files = look.Files, Bytes = look.Bytes };
        proto.Exclude.AddRange(look.Exclude);
        proto.Newest.AddRange(look.Newest.Select(e => new V1.TreeEntry
        {
            Path = e.Path,
            Size = e.Size,
            Modified = e.Modified,
            Changed = e.Changed,
            Target = e.Target,
        }));
        proto.Counts.AddRange(look.Rest.Select(part => part.Count));
        proto.Digests.AddRange(look.Rest.Select(part => part.Digest));
        proto.Unsettled.AddRange(Enumerable.Range(0, look.Rest.Length).Where(part => !look.Rest[part].IsSettled));
        return proto;
    }

    /// <summary>The look of a message. One that cannot be compared with has a problem.</summary>
    public static Model.TreeLook ToModel(this V1.TreeLook proto)
    {
        var look = new Model.TreeLook(proto.Path, [.. proto.Exclude], proto.LookedAt) { Problem = proto.Problem };
        if (look.Problem.Length > 0)
            return look;
        if (proto.Counts.Count != Model.TreeRest.Parts || proto.Digests.Count != Model.TreeRest.Parts)
            return look with { Problem = $"it is told in {proto.Counts.Count} parts, and this version has {Model.TreeRest.Parts}" };
        var unsettled = proto.Unsettled.ToHashSet();
        return look with
        {
            Files = proto.Files,
            Bytes = proto.Bytes,
            Newest = [.. proto.Newest.Take(Model.TreeSketch.MostListed).Select(e => new Model.TreeEntry(e.Path, e.Size, e.Modified, e.Changed, e.Target))],
            Rest = [.. Enumerable.Range(0, Model.TreeRest.Parts).Select(i => new Model.TreePart(proto.Counts[i], proto.Digests[i], !unsettled.Contains(i)))],
        };
    }
}
