using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A group's member on the wire and in the model.</summary>
public static class MemberMapping
{
    /// <summary>The message of a member.</summary>
    public static V1.Member ToProto(this Model.Member member) => new() { Host = member.Host, Priority = member.Priority };

    /// <summary>The member of a message; nothing is validated here.</summary>
    public static Model.Member ToModel(this V1.Member member) => new(member.Host, member.Priority);
}
